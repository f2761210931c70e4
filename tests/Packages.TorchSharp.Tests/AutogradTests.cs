namespace Packages.TorchSharp.Tests;

public class AutogradTests
{
    [Fact]
    public void Gradients_of_a_formula_are_the_analytic_ones()
    {
        using var x = tensor(new[] { 0.5, 2.0 }, requires_grad: true);
        using var y = tensor(new[] { 3.0, -1.0 }, requires_grad: true);
        (x.pow(2) * y + x.exp()).sum().backward();
        Expect.Values(x.grad, 2 * 0.5 * 3 + Math.Exp(0.5), 2 * 2 * -1 + Math.Exp(2));
        Expect.Values(y.grad, 0.25, 4);
    }

    [Fact]
    public void Gradients_agree_with_finite_differences()
    {
        manual_seed(3);
        var weight = randn(3, 4, dtype: float64).requires_grad_();
        var input = randn(2, 4, dtype: float64);
        var target = tensor(new long[] { 2, 0 });
        Tensor Loss() => nn.functional.cross_entropy(
            nn.functional.gelu(nn.functional.linear(input, weight)), target);
        Loss().backward();
        using var gradient = weight.grad;
        using var mode = no_grad();
        for (var i = 0; i < 3; i++)
        {
            for (var j = 0; j < 4; j++)
            {
                weight[i, j] = weight[i, j] + 1e-5;
                var above = Loss().item<double>();
                weight[i, j] = weight[i, j] - 2e-5;
                var below = Loss().item<double>();
                weight[i, j] = weight[i, j] + 1e-5;
                Assert.Equal((above - below) / 2e-5, gradient[i, j].item<double>(), 7);
            }
        }
    }

    [Fact]
    public void Backward_accumulates_until_the_gradient_is_cleared()
    {
        using var x = ones(1).requires_grad_();
        Assert.Null(x.grad);
        (x * 2).sum().backward();
        (x * 3).sum().backward();
        Expect.Values(x.grad, 5);
        x.grad = null;
        Assert.Null(x.grad);
        x.grad = full(1, 9.0);
        Expect.Values(x.grad, 9);
    }

    [Fact]
    public void Only_leaves_keep_gradients_unless_asked_to()
    {
        using var x = ones(1).requires_grad_();
        using var y = x * 2;
        Assert.True(x.is_leaf);
        Assert.False(y.is_leaf);
        Assert.True(y.requires_grad);
        y.retain_grad();
        (y * 3).sum().backward();
        Expect.Values(y.grad, 3);
        Expect.Values(x.grad, 6);
    }

    [Fact]
    public void Detached_tensors_and_modes_without_gradients_stop_the_graph()
    {
        using var x = ones(1).requires_grad_();
        Assert.False((x.detach() * 2).requires_grad);
        Assert.True(is_grad_enabled());
        using (no_grad())
        {
            Assert.False(is_grad_enabled());
            Assert.False((x * 2).requires_grad);
            using (enable_grad())
                Assert.True((x * 2).requires_grad);
            Assert.False(is_grad_enabled());
        }
        using (inference_mode())
        {
            Assert.True(is_inference_mode_enabled());
            Assert.False((x * 2).requires_grad);
        }
        Assert.False(is_inference_mode_enabled());
        Assert.True((x * 2).requires_grad);
    }

    [Fact]
    public void Grad_computes_without_accumulating()
    {
        using var x = tensor(new[] { 2.0, 3.0 }, requires_grad: true);
        var gradients = autograd.grad([x.pow(3).sum()], [x], create_graph: true);
        Expect.Values(gradients[0], 12, 27);
        Assert.Null(x.grad);
        var second = autograd.grad([gradients[0].sum()], [x]);
        Expect.Values(second[0], 12, 18);
    }

    [Fact]
    public void Backward_takes_an_output_gradient()
    {
        using var x = ones(2).requires_grad_();
        autograd.backward([x * 3], [tensor(new[] { 1f, 10f })]);
        Expect.Values(x.grad, 3, 30);
    }
}
