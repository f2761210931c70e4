using TorchSharp;

namespace MLNetLlm.Trainers.Tests.Training;

public class DecayingAdamWTests
{
    [Fact]
    public void Follows_the_published_update_and_decays_matrices_only()
    {
        using var network = torch.nn.Linear(2, 2);
        using (torch.no_grad())
        {
            network.weight!.fill_(1.0);
            network.bias!.fill_(1.0);
        }

        var options = new TrainingOptions { LearningRate = 0.1, Optimizer = new() { WeightDecay = 0.5, Beta1 = 0.9, Beta2 = 0.99 } };
        using var optimizer = new DecayingAdamW(network, options);
        var expected = new Reference(options);
        for (var step = 0; step < 3; step++)
        {
            // The gradient of the sum of (weight * 2 + bias * 4) is 2 and 4 wherever the parameters are.
            (network.weight.sum() * 2 + network.bias.sum() * 4).backward();
            optimizer.Step(0.1);
            expected.Step(weightGradient: 2, biasGradient: 4);
        }

        Assert.Equal(expected.Weight, network.weight.detach()[0, 1].ToDouble(), 4);
        Assert.Equal(expected.Bias, network.bias.detach()[1].ToDouble(), 4);
    }

    // Long enough for several pieces of work, with a rest; against the chain of tensor operations of torch's own optimizer.
    [Fact]
    public void Steps_are_those_of_the_tensor_operations_clipping_included()
    {
        const double rate = 0.01;
        using var scope = torch.NewDisposeScope();
        using var generator = new torch.Generator(7, torch.CPU);
        using var fused = torch.nn.Linear(1_001, 601);
        using var plain = torch.nn.Linear(1_001, 601);
        plain.load_state_dict(fused.state_dict());
        var options = new TrainingOptions { LearningRate = rate, Optimizer = new() { WeightDecay = 0.1, ClipNorm = 0.5 } };
        using var optimizer = new DecayingAdamW(fused, options);
        using var reference = torch.optim.AdamW(
            [
                new TorchSharp.Modules.AdamW.ParamGroup([plain.weight!], rate, options.Optimizer.Beta1, options.Optimizer.Beta2, options.Optimizer.Epsilon, 0.1),
                new TorchSharp.Modules.AdamW.ParamGroup([plain.bias!], rate, options.Optimizer.Beta1, options.Optimizer.Beta2, options.Optimizer.Epsilon, 0),
            ],
            rate);
        for (var step = 0; step < 4; step++)
        {
            var input = torch.randn([8, 1_001], generator: generator);
            fused.forward(input).square().sum().backward();
            // The same gradients: where they are close to zero, AdamW makes whole steps of what rounding leaves.
            foreach (var (to, from) in plain.parameters().Zip(fused.parameters()))
            {
                to.grad = from.grad!.clone();
            }

            var norm = optimizer.ClipGradients(0.5);
            Assert.Equal(1, norm / torch.nn.utils.clip_grad_norm_(plain.parameters(), 0.5), 4);
            optimizer.Step(rate);
            reference.step();
            plain.zero_grad();
            fused.zero_grad();
        }

        foreach (var (expected, found) in plain.parameters().Zip(fused.parameters()))
        {
            Assert.Equal(0, (expected - found).abs().max().ToDouble(), 1e-5);
        }
    }

    [Fact]
    public void Frozen_parameters_stay_as_they_are()
    {
        using var network = torch.nn.Linear(2, 2);
        network.weight!.requires_grad_(false);
        using var before = network.weight.detach().clone();
        using var optimizer = new DecayingAdamW(network, new TrainingOptions { Optimizer = new() { WeightDecay = 1 } });

        network.bias!.sum().backward();
        optimizer.Step(1);

        Assert.True(before.equal(network.weight.detach()).all().ToBoolean());
    }

    [Fact]
    public void A_parameter_that_a_step_does_not_reach_neither_decays_nor_moves()
    {
        using var network = torch.nn.Linear(2, 2);
        using var optimizer = new DecayingAdamW(network, new TrainingOptions { Optimizer = new() { WeightDecay = 1 } });
        (network.weight!.sum() + network.bias!.sum()).backward();
        optimizer.Step(0.1);
        using var before = network.weight.detach().clone();

        network.bias.sum().backward();
        optimizer.Step(0.1);

        Assert.True(before.equal(network.weight.detach()).all().ToBoolean());
    }

    [Fact]
    public void Clipping_scales_the_gradients_to_the_given_norm_and_returns_the_norm_before()
    {
        using var network = torch.nn.Linear(2, 1, hasBias: false);
        using var optimizer = new DecayingAdamW(network, new TrainingOptions());

        (network.weight!.sum() * 10).backward();

        Assert.Equal(Math.Sqrt(200), optimizer.ClipGradients(1), 4);
        Assert.Equal(1, optimizer.ClipGradients(1), 4);
    }

    private sealed class Reference(TrainingOptions options)
    {
        private readonly double[] first = new double[2];
        private readonly double[] second = new double[2];
        private int step;

        public double Weight { get; private set; } = 1;

        public double Bias { get; private set; } = 1;

        public void Step(double weightGradient, double biasGradient)
        {
            step++;
            Weight = Update(0, Weight * (1 - options.LearningRate * options.Optimizer.WeightDecay), weightGradient);
            Bias = Update(1, Bias, biasGradient);
        }

        private double Update(int index, double value, double gradient)
        {
            first[index] = options.Optimizer.Beta1 * first[index] + (1 - options.Optimizer.Beta1) * gradient;
            second[index] = options.Optimizer.Beta2 * second[index] + (1 - options.Optimizer.Beta2) * gradient * gradient;
            var mean = first[index] / (1 - Math.Pow(options.Optimizer.Beta1, step));
            var variance = second[index] / (1 - Math.Pow(options.Optimizer.Beta2, step));
            return value - options.LearningRate * mean / (Math.Sqrt(variance) + 1e-8);
        }
    }
}
