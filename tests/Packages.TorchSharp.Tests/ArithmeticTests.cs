namespace Packages.TorchSharp.Tests;

public class ArithmeticTests
{
    private readonly Tensor a = tensor(new[] { 1f, -2f, 3f });
    private readonly Tensor b = tensor(new[] { 4f, 5f, -6f });

    [Fact]
    public void Operators_work_on_tensors_and_numbers_from_both_sides()
    {
        Expect.Values(a + b, 5, 3, -3);
        Expect.Values(a - 1, 0, -3, 2);
        Expect.Values(1 - a, 0, 3, -2);
        Expect.Values(2f * a, 2, -4, 6);
        Expect.Values(a / 2.0, 0.5, -1, 1.5);
        Expect.Values(6 / a, 6, -3, 2);
        Expect.Values(-a, -1, 2, -3);
        Expect.Values(a % 2, 1, 0, 1);
        Expect.Values(a > 0, 1, 0, 1);
        Expect.Values(0 < a, 1, 0, 1);
        Expect.Values(a == tensor(new[] { 1f, 0f, 3f }), 1, 0, 1);
        Expect.Values((a > 0) & (b > 0), 1, 0, 0);
        Expect.Values(~(a > 0), 0, 1, 0);
        Expect.Values(a.add(b, 10), 41, 48, -57);
        Expect.Values(ones(2, 1) + ones(3), 2, 2, 2, 2, 2, 2);
    }

    [Fact]
    public void Types_are_promoted_as_in_torch()
    {
        Assert.Equal(ScalarType.Float32, (arange(3) + 0.5f).dtype);
        Assert.Equal(ScalarType.Int64, (arange(3) + 1).dtype);
        Assert.Equal(ScalarType.Float32, (arange(3) / 2).dtype);
        Assert.Equal(ScalarType.BFloat16, (ones(1, dtype: bfloat16) * 2.0).dtype);
        Expect.Values(arange(-3, 4, 3).div(2, RoundingMode.floor), -2, 0, 1);
        Expect.Values(arange(-3, 4, 3).div(2, RoundingMode.trunc), -1, 0, 1);
    }

    [Fact]
    public void In_place_functions_change_and_return_the_tensor_itself()
    {
        using var value = tensor(new[] { 4f, 9f });
        Assert.Same(value, value.sqrt_());
        Assert.Same(value, value.add_(1).mul_(2).sub_(tensor(2f)).div_(2));
        Expect.Values(value, 2, 3);
        Assert.Same(value, value.addcmul_(ones(2), ones(2), 2));
        Assert.Same(value, value.addcdiv_(ones(2), full(2, 2.0), -2));
        Expect.Values(value, 3, 4);
        Assert.Same(value, value.lerp_(zeros(2), full(2, 0.5)));
        Assert.Same(value, value.clamp_((Scalar)1.6, (Scalar)10));
        Expect.Values(value, 1.6, 2);
        Assert.Same(value, value.neg_());
        Assert.Same(value, value.copy_(tensor(new[] { 5, 6 })));
        Expect.Values(value, 5, 6);
        Assert.Same(value, value.fill_(3));
        using (value.zero_())
            Expect.Values(value, 0, 0);
        Expect.Values(value, 0, 0);
    }

    [Fact]
    public void Functions_of_each_element_agree_with_Math()
    {
        double[] inputs = [0.1, 0.5, 1, 2.5];
        using var x = tensor(inputs);
        void Same(Tensor actual, Func<double, double> expected) =>
            Expect.Values(actual, 1e-12, inputs.Select(expected).ToArray());
        Same(x.sqrt(), Math.Sqrt);
        Same(x.rsqrt(), value => 1 / Math.Sqrt(value));
        Same(x.exp(), Math.Exp);
        Same(x.expm1(), value => Math.Exp(value) - 1);
        Same(x.log(), Math.Log);
        Same(x.log1p(), value => Math.Log(1 + value));
        Same(x.tanh(), Math.Tanh);
        Same(x.sin(), Math.Sin);
        Same(x.cos(), Math.Cos);
        Same(x.sigmoid(), value => 1 / (1 + Math.Exp(-value)));
        Same(x.silu(), value => value / (1 + Math.Exp(-value)));
        Same(x.pow(3), value => value * value * value);
        Same(x.reciprocal(), value => 1 / value);
        Same(x.neg().abs(), Math.Abs);
        Same(x.floor(), Math.Floor);
        Same(x.round(), value => Math.Round(value, MidpointRounding.ToEven));
        Same(x.neg().sign(), value => -1);
        Same(x.neg().relu(), value => 0);
        Expect.Values(tensor(0.5).erf(), 0.5204998778130465);
        Expect.Values(tensor(new[] { float.NaN, float.PositiveInfinity, 1f }).isnan(), 1, 0, 0);
        Expect.Values(tensor(new[] { float.NaN, float.PositiveInfinity, 1f }).isfinite(), 0, 0, 1);
    }

    [Fact]
    public void Reductions_reduce()
    {
        using var m = tensor(new[,] { { 1f, 5f, 3f }, { 4f, 2f, 6f } });
        Assert.Equal(21f, m.sum().item<float>());
        Expect.Values(m.sum(0L), 5, 7, 9);
        Expect.Values(m.sum(new long[] { 0, 1 }), 21);
        Expect.Shape(m.sum(1, true), 2, 1);
        Expect.Values(m.mean(), 3.5);
        Expect.Values(m.mean([1]), 3, 4);
        Expect.Values(m.std(1, false), 1.632993, 1.632993);
        Expect.Values(m.var(), 3.5);
        var (largest, positions) = m.max(1);
        Expect.Values(largest, 5, 6);
        Expect.Values(positions, 1, 2);
        Expect.Values(m.min(), 1);
        Expect.Values(m.argmax(1), 1, 2);
        Expect.Values(m.argmax(), 5);
        var (top, where) = m.topk(2, 1);
        Expect.Values(top, 5, 3, 6, 4);
        Expect.Values(where, 1, 2, 2, 0);
        var (sorted, order) = m.sort(1, true);
        Expect.Values(sorted, 5, 3, 1, 6, 4, 2);
        Expect.Values(order, 1, 2, 0, 2, 0, 1);
        Expect.Values(m.argsort(1), 0, 2, 1, 1, 0, 2);
        Expect.Values(m.cumsum(1), 1, 6, 9, 4, 6, 12);
        Expect.Values(m.prod(), 720);
        Expect.Values(tensor(new[] { 3f, 4f }).norm(), 5);
        Expect.Values(m.norm(1), Math.Sqrt(35), Math.Sqrt(56));
        Expect.Values(m.logsumexp(1), 5.142932, 6.142932);
        Expect.Values(m.softmax(1).sum(1), 1, 1);
        Expect.Close(m.softmax(1).log(), m.log_softmax(1));
        Assert.True(m.gt(0).all().item<bool>());
        Assert.False(m.gt(7).any().item<bool>());
        Assert.Equal(6, m.count_nonzero().item<long>());
    }

    [Fact]
    public void Equality_comes_in_three_kinds()
    {
        Assert.True(a.allclose(a + 1e-9f));
        Assert.False(a.allclose(b));
        Assert.True(a.Equals(a.clone()));
        Expect.Values(a.equal(a.clone()), 1, 1, 1);
    }

    [Fact]
    public void Products_of_matrices()
    {
        using var m = tensor(new[,] { { 1f, 2f }, { 3f, 4f } });
        using var v = tensor(new[] { 1f, 10f });
        Expect.Values(m.matmul(m), 7, 10, 15, 22);
        Expect.Values(m.mm(m), 7, 10, 15, 22);
        Expect.Values(m.mv(v), 21, 43);
        Expect.Values(v.dot(v), 101);
        Expect.Values(v.outer(v), 1, 10, 10, 100);
        Expect.Values(m.unsqueeze(0).bmm(m.unsqueeze(0)), 7, 10, 15, 22);
        Expect.Values(m.addmm(m, m, 0f, 2f), 14, 20, 30, 44);
        Expect.Values(einsum("ij,j->i", m, v), 21, 43);
        Expect.Values(einsum("ij,kj->ik", m, m), 5, 11, 11, 25);
    }
}
