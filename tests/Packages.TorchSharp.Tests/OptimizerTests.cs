using TorchSharp.Modules;

namespace Packages.TorchSharp.Tests;

public class OptimizerTests
{
    private static readonly double[] Start = [1.0, -2.0, 0.5];

    [Theory]
    [InlineData(0.0, false)]
    [InlineData(0.1, false)]
    [InlineData(0.1, true)]
    public void AdamW_follows_the_published_algorithm(double decay, bool amsgrad)
    {
        using var weights = nn.Parameter(tensor(Start));
        using var optimizer = optim.AdamW([weights], 0.1, 0.8, 0.95, 1e-8, decay, amsgrad);
        var w = Start.ToArray();
        double[] m = new double[3], v = new double[3], largest = new double[3];
        for (var step = 1; step <= 6; step++)
        {
            for (var i = 0; i < 3; i++)
            {
                var gradient = 2 * w[i] * Math.Cos(step);
                w[i] *= 1 - 0.1 * decay;
                m[i] = 0.8 * m[i] + 0.2 * gradient;
                v[i] = 0.95 * v[i] + 0.05 * gradient * gradient;
                largest[i] = Math.Max(largest[i], v[i]);
                var square = (amsgrad ? largest[i] : v[i]) / (1 - Math.Pow(0.95, step));
                w[i] -= 0.1 * (m[i] / (1 - Math.Pow(0.8, step))) / (Math.Sqrt(square) + 1e-8);
            }
            optimizer.zero_grad();
            (weights.pow(2).sum() * Math.Cos(step)).backward();
            optimizer.step();
            Expect.Values(weights, 1e-9, w);
        }
    }

    [Fact]
    public void Weight_decay_of_AdamW_is_off_by_default()
    {
        using var weights = nn.Parameter(tensor(Start));
        using var optimizer = optim.AdamW([weights]);
        weights.grad = zeros_like(weights);
        optimizer.step();
        Expect.Values(weights, 1e-12, Start);
        Assert.Equal(0.001, optimizer.ParamGroups.First().LearningRate);
    }

    [Fact]
    public void Groups_have_their_own_rates_and_decay()
    {
        using var decayed = nn.Parameter(tensor(Start));
        using var plain = nn.Parameter(tensor(Start));
        using var optimizer = optim.AdamW(
        [
            new AdamW.ParamGroup([decayed], new AdamW.Options { weight_decay = 0.5 }),
            new AdamW.ParamGroup([plain], new AdamW.Options { LearningRate = 0.2 }),
        ], lr: 0.1);
        Assert.Equal([0.1, 0.2], optimizer.ParamGroups.Select(group => group.LearningRate));
        decayed.grad = zeros_like(decayed);
        plain.grad = ones_like(plain);
        foreach (var group in optimizer.ParamGroups)
            group.LearningRate = group.InitialLearningRate / 2;
        optimizer.step();
        Expect.Values(decayed, 1e-9, Start.Select(value => value * (1 - 0.05 * 0.5)).ToArray());
        Expect.Values(plain, 1e-7, Start.Select(value => value - 0.1).ToArray());
    }

    [Fact]
    public void Adam_adds_decay_to_the_gradient()
    {
        using var weights = nn.Parameter(tensor(Start));
        using var optimizer = optim.Adam([weights], 0.1, weight_decay: 0.5);
        weights.grad = zeros_like(weights);
        optimizer.step();
        Expect.Values(weights, 1e-6, Start.Select(value => value - 0.1 * Math.Sign(value)).ToArray());
    }

    [Fact]
    public void Sgd_takes_steps_with_momentum()
    {
        using var weights = nn.Parameter(tensor(new[] { 1.0 }));
        using var optimizer = optim.SGD([weights], 0.1, momentum: 0.9);
        weights.grad = ones_like(weights);
        optimizer.step();
        Expect.Values(weights, 0.9);
        weights.grad = ones_like(weights);
        optimizer.step();
        Expect.Values(weights, 0.9 - 0.1 * 1.9);
    }

    [Fact]
    public void A_restored_state_continues_where_it_was()
    {
        using var first = nn.Parameter(tensor(Start));
        using var second = nn.Parameter(tensor(Start));
        using var source = optim.AdamW([first], 0.1);
        using var target = optim.AdamW([second], 0.3);
        Step(source, first);
        var stream = new MemoryStream();
        using (var writer = new BinaryWriter(stream, System.Text.Encoding.UTF8, leaveOpen: true))
            source.save_state_dict(writer);
        stream.Position = 0;
        target.load_state_dict(new BinaryReader(stream));
        using (no_grad())
            second.copy_(first);
        Step(source, first);
        Step(target, second);
        Expect.Close(first, second, 1e-12);
    }

    private static void Step(OptimizerHelper optimizer, Parameter weights)
    {
        optimizer.zero_grad();
        weights.pow(2).sum().backward();
        optimizer.step();
    }

    [Fact]
    public void Steps_leave_no_tensors_behind()
    {
        using var weights = nn.Parameter(ones(10));
        using var optimizer = optim.AdamW([weights], 0.1, weight_decay: 0.1);
        weights.grad = ones(10);
        optimizer.step();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var before = Tensor.TotalCount;
        for (var i = 0; i < 20; i++)
            optimizer.step();
        Assert.True(Tensor.TotalCount <= before, $"{Tensor.TotalCount - before} tensors are left");
    }

    [Fact]
    public void Gradients_are_clipped_to_a_joint_norm_or_a_value()
    {
        using var a = nn.Parameter(zeros(1));
        using var b = nn.Parameter(zeros(1));
        a.grad = tensor(new[] { 3f });
        b.grad = tensor(new[] { 4f });
        Assert.Equal(5, nn.utils.clip_grad_norm_([a, b], 1), 5);
        Expect.Values(cat([a.grad, b.grad]), 0.6, 0.8);
        Assert.Equal(1, nn.utils.clip_grad_norm_([a, b], 10), 5);
        Expect.Values(cat([a.grad, b.grad]), 0.6, 0.8);
        nn.utils.clip_grad_value_([a, b], 0.7);
        Expect.Values(cat([a.grad, b.grad]), 0.6, 0.7);
    }

    [Fact]
    public void Schedules_set_the_learning_rate()
    {
        using var weights = nn.Parameter(zeros(1));
        using var optimizer = optim.SGD([weights], 1.0);
        var schedule = optim.lr_scheduler.LambdaLR(optimizer, epoch => 1.0 / (1 + epoch));
        var rates = Enumerable.Range(0, 3).Select(_ =>
        {
            schedule.step();
            return optimizer.ParamGroups.First().LearningRate;
        }).ToArray();
        Assert.Equal([0.5, 1.0 / 3, 0.25], rates);

        using var other = optim.SGD([weights], 1.0);
        var cosine = optim.lr_scheduler.CosineAnnealingLR(other, 4);
        for (var epoch = 1; epoch <= 4; epoch++)
        {
            cosine.step();
            Assert.Equal((1 + Math.Cos(Math.PI * epoch / 4)) / 2, other.ParamGroups.First().LearningRate, 9);
        }
    }

    [Fact]
    public void A_small_network_learns_exclusive_or()
    {
        manual_seed(0);
        using var network = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 1));
        using var input = tensor(new[,] { { 0f, 0f }, { 0f, 1f }, { 1f, 0f }, { 1f, 1f } });
        using var target = tensor(new[,] { { 0f }, { 1f }, { 1f }, { 0f } });
        using var optimizer = optim.AdamW(network.parameters(), 0.05);
        var last = float.MaxValue;
        for (var step = 0; step < 200; step++)
        {
            using var scope = NewDisposeScope();
            optimizer.zero_grad();
            var loss = nn.functional.binary_cross_entropy_with_logits(network.call(input), target);
            loss.backward();
            optimizer.step();
            last = loss.item<float>();
        }
        Assert.InRange(last, 0, 0.05f);
    }
}
