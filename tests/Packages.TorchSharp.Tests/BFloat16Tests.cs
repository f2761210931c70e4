namespace Packages.TorchSharp.Tests;

public class BFloat16Tests
{
    [Fact]
    public void Values_round_to_the_nearest_even()
    {
        using var x = tensor(new[] { 1f + 1f / 256, 1f + 3f / 256, 0.1f }).to(bfloat16);
        Expect.Values(x.to(float32), 1e-7, [1, 1 + 4.0 / 256, 0.10009765625]);
        Assert.Equal(1f, x[0].ToSingle());
        Assert.Equal(2, x.element_size());
    }

    [Fact]
    public void Products_are_close_to_full_precision()
    {
        manual_seed(1);
        using var a = randn(32, 64);
        using var b = randn(64, 16);
        using var reduced = a.to(bfloat16).matmul(b.to(bfloat16));
        Assert.Equal(ScalarType.BFloat16, reduced.dtype);
        Assert.InRange((reduced.to(float32) - a.matmul(b)).abs().max().item<float>(), 0, 0.5f);
    }

    [Fact]
    public void Gradients_flow_back_to_full_precision_weights_through_a_cast()
    {
        using var master = tensor(new[,] { { 1f, 2f }, { 3f, 4f } }, requires_grad: true);
        using var input = ones(1, 2, dtype: bfloat16);
        nn.functional.linear(input, master.to(bfloat16)).to(float32).sum().backward();
        Assert.Equal(ScalarType.Float32, master.grad.dtype);
        Expect.Values(master.grad, 1, 1, 1, 1);
    }

    [Fact]
    public void Modules_convert_their_weights_and_leave_integers_alone()
    {
        using var linear = nn.Linear(2, 2);
        using var converted = linear.to(bfloat16);
        Assert.Same(linear, converted);
        Assert.Equal(ScalarType.BFloat16, linear.weight.dtype);
        Assert.Equal(ScalarType.BFloat16, linear.forward(ones(1, 2, dtype: bfloat16)).dtype);
        Assert.ThrowsAny<Exception>(() => linear.to(int64));
    }
}
