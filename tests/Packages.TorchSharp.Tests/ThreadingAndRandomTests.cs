namespace Packages.TorchSharp.Tests;

public class ThreadingAndRandomTests
{
    [Fact]
    public async Task Tensors_are_made_used_and_disposed_across_threads()
    {
        var shared = ones(16, 16);
        var sums = new float[16];
        Parallel.For(0, sums.Length, i =>
        {
            using var scope = NewDisposeScope();
            for (var k = 0; k < 50; k++)
                sums[i] = (shared * i).matmul(shared).sum().item<float>();
        });
        for (var i = 0; i < sums.Length; i++)
            Assert.Equal(i * 16f * 16 * 16, sums[i]);
        await Task.Run(shared.Dispose);
        Assert.True(shared.IsInvalid);
    }

    [Fact]
    public void Gradient_mode_belongs_to_the_thread()
    {
        using var mode = no_grad();
        var elsewhere = false;
        var thread = new Thread(() => elsewhere = is_grad_enabled());
        thread.Start();
        thread.Join();
        Assert.True(elsewhere);
        Assert.False(is_grad_enabled());
    }

    [Fact]
    public void The_number_of_threads_can_be_set()
    {
        var before = get_num_threads();
        set_num_threads(1);
        Assert.Equal(1, get_num_threads());
        set_num_threads(before);
        Assert.True(get_num_interop_threads() >= 1);
    }

    [Fact]
    public void A_seed_fixes_the_sequence()
    {
        manual_seed(42);
        using var first = randn(5);
        using var firstPermutation = randperm(10);
        manual_seed(42);
        Expect.Close(first, randn(5), 0);
        Expect.Close(firstPermutation, randperm(10), 0);
        Assert.False(first.allclose(randn(5)));
    }

    [Fact]
    public void The_state_of_the_generator_can_be_kept_and_restored()
    {
        manual_seed(1);
        using var state = get_rng_state();
        using var first = rand(3);
        set_rng_state(state);
        Expect.Close(first, rand(3), 0);
    }

    [Fact]
    public void Own_generators_are_independent_of_the_default_one()
    {
        using var one = new Generator(5);
        using var other = new Generator(5);
        using var a = rand(4, generator: one);
        manual_seed(99);
        Expect.Close(a, rand(4, generator: other), 0);
        one.manual_seed(5);
        Expect.Close(a, rand(4, generator: one), 0);
        using var state = one.get_state();
        using var next = rand(2, generator: one);
        one.set_state(state);
        Expect.Close(next, rand(2, generator: one), 0);
    }

    [Fact]
    public void Distributions_have_their_moments()
    {
        manual_seed(7);
        using var normal = empty(20000).normal_(3, 2);
        Assert.Equal(3, normal.mean().item<float>(), 0.1f);
        Assert.Equal(2, normal.std().item<float>(), 0.1f);
        using var uniform = empty(20000).uniform_(-1, 1);
        Assert.InRange(uniform.min().item<float>(), -1, -0.99f);
        Assert.Equal(0, uniform.mean().item<float>(), 0.05f);
        Assert.Equal(0.3f, empty(20000).bernoulli_(0.3).mean().item<float>(), 0.02f);
        Assert.Equal(0.5f, empty(20000).exponential_(2).mean().item<float>(), 0.02f);
        using var integers = randint(5, new long[] { 1000 });
        Assert.Equal(ScalarType.Int64, integers.dtype);
        Assert.Equal(0, integers.min().item<long>());
        Assert.Equal(4, integers.max().item<long>());
        using var drawn = tensor(new[] { 0f, 1f, 0f }).multinomial(10, true);
        Expect.Values(drawn.eq(1).all(), 1);
        Expect.Values(randperm(5).sort().Item1, 0, 1, 2, 3, 4);
    }
}
