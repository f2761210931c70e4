namespace Packages.TorchSharp.Tests;

public class LayerTests
{
    [Fact]
    public void Linear_is_a_product_plus_a_bias()
    {
        using var linear = nn.Linear(3, 2);
        using var input = randn(4, 3);
        Expect.Close(input.matmul(linear.weight.t()) + linear.bias, linear.call(input));
        Assert.InRange(linear.weight.abs().max().item<float>(), 0, 1 / MathF.Sqrt(3));
        Assert.Null(nn.Linear(3, 2, hasBias: false).bias);
    }

    [Fact]
    public void Layer_norm_centres_and_scales()
    {
        using var norm = nn.LayerNorm(4);
        using var input = randn(3, 4);
        using var expected = (input - input.mean([1], true)) / (input.var(1, false, true) + 1e-5).sqrt();
        Expect.Close(expected, norm.call(input), 1e-4);
    }

    [Fact]
    public void Embedding_looks_up_rows_and_zeroes_the_padding()
    {
        using var embedding = nn.Embedding(5, 3, padding_idx: 1);
        using var ids = tensor(new long[,] { { 4, 1 } });
        Expect.Shape(embedding.call(ids), 1, 2, 3);
        Expect.Close(embedding.weight[4], embedding.call(ids)[0, 0], 0);
        Expect.Values(embedding.call(ids)[0, 1], 0, 0, 0);
        embedding.call(ids).sum().backward();
        Expect.Values(embedding.weight.grad.sum(1), 0, 0, 0, 0, 3);
        using var pretrained = nn.Embedding_from_pretrained(ones(2, 2));
        Assert.False(pretrained.weight.requires_grad);
    }

    [Fact]
    public void Gelu_is_the_exact_form()
    {
        using var x = tensor(new[] { -1.0, 0.5, 2.0 });
        Expect.Close(x * 0.5 * (1 + (x / Math.Sqrt(2)).erf()), nn.functional.gelu(x), 1e-12);
        Expect.Close(nn.functional.gelu(x), nn.GELU().call(x), 0);
    }

    [Fact]
    public void Dropout_drops_only_in_training()
    {
        using var dropout = nn.Dropout(0.5);
        using var input = ones(1000);
        using var dropped = dropout.call(input);
        Assert.Equal(500, dropped.eq(0).sum().item<long>(), 100.0);
        Assert.Equal(2f, dropped.max().item<float>());
        dropout.eval();
        Expect.Close(input, dropout.call(input), 0);
    }

    [Fact]
    public void Cross_entropy_is_the_mean_negative_log_probability()
    {
        using var logits = randn(4, 3, dtype: float64);
        using var targets = tensor(new long[] { 0, 2, -100, 1 });
        using var logs = logits.log_softmax(1);
        var rows = new[] { 0, 1, 3 };
        var labels = new[] { 0, 2, 1 };
        var expected = -Enumerable.Range(0, 3).Average(i => logs[rows[i], labels[i]].item<double>());
        Expect.Values(nn.functional.cross_entropy(logits, targets), expected);
        var sum = nn.functional.cross_entropy(logits, targets, reduction: nn.Reduction.Sum);
        Expect.Values(sum, expected * 3);
        var each = nn.functional.cross_entropy(logits, targets, reduction: nn.Reduction.None);
        Assert.Equal(0, each[2].item<double>());
        var smoothed = nn.functional.cross_entropy(logits[TensorIndex.Slice(0, 1)], targets[TensorIndex.Slice(0, 1)], label_smoothing: 0.3);
        Expect.Values(smoothed, -(0.7 * logs[0, 0].item<double>() + 0.1 * logs[0].sum().item<double>()));
        using var weight = tensor(new[] { 1.0, 0.0, 0.0 });
        Expect.Values(nn.functional.cross_entropy(logits, targets, weight), -logs[0, 0].item<double>());
        Expect.Values(nn.functional.nll_loss(logs, targets), expected);
        Expect.Values(nn.CrossEntropyLoss().call(logits, targets), expected);
    }

    [Fact]
    public void Other_losses_agree_with_their_formulas()
    {
        using var x = tensor(new[] { 0.5, -1.0 });
        using var y = tensor(new[] { 1.0, 0.0 });
        Expect.Values(nn.functional.mse_loss(x, y), (0.25 + 1) / 2);
        var expected = (Math.Log(1 + Math.Exp(-0.5)) + Math.Log(1 + Math.Exp(-1))) / 2;
        Expect.Values(nn.functional.binary_cross_entropy_with_logits(x, y), expected);
    }

    [Fact]
    public void Attention_equals_softmax_of_scaled_products()
    {
        manual_seed(2);
        using var q = randn(2, 3, 5, 8);
        using var k = randn(2, 3, 5, 8);
        using var v = randn(2, 3, 5, 8);
        using var scores = q.matmul(k.transpose(-2, -1)) / Math.Sqrt(8);
        Expect.Close(scores.softmax(-1).matmul(v), nn.functional.scaled_dot_product_attention(q, k, v), 1e-4);
        using var future = ones(5, 5, dtype: @bool).triu(1);
        using var causal = scores.masked_fill(future, float.NegativeInfinity).softmax(-1).matmul(v);
        Expect.Close(causal, nn.functional.scaled_dot_product_attention(q, k, v, is_casual: true), 1e-4);
        using var mask = zeros(5, 5).masked_fill(future, float.NegativeInfinity);
        Expect.Close(causal, nn.functional.scaled_dot_product_attention(q, k, v, mask), 1e-4);
    }

    [Fact]
    public void Small_functions()
    {
        Expect.Values(nn.functional.one_hot(tensor(new long[] { 1, 0 }), 3), 0, 1, 0, 1, 0, 0);
        Expect.Values(nn.functional.pad(ones(2), (1L, 2L), value: 5), 5, 1, 1, 5, 5);
        Expect.Values(nn.functional.cosine_similarity(tensor(new[,] { { 1f, 0f } }), tensor(new[,] { { 1f, 1f } })), Math.Sqrt(0.5));
        Expect.Values(nn.functional.relu(tensor(new[] { -1f, 2f })), 0, 2);
        Expect.Values(nn.Softmax(0).call(zeros(2)), 0.5, 0.5);
    }

    [Fact]
    public void Initial_values_have_their_ranges()
    {
        manual_seed(4);
        using var w = empty(200, 100);
        Assert.Same(w, nn.init.zeros_(w));
        Expect.Values(w.abs().sum(), 0);
        nn.init.constant_(w, 2);
        Expect.Values(w.mean(), 2);
        nn.init.normal_(w, 0, 0.02);
        Assert.Equal(0.02f, w.std().item<float>(), 0.001f);
        nn.init.uniform_(w, -1, 1);
        Assert.InRange(w.max().item<float>(), 0.99f, 1);
        nn.init.xavier_uniform_(w);
        Assert.InRange(w.max().item<float>(), 0.13f, MathF.Sqrt(6f / 300));
        nn.init.kaiming_uniform_(w);
        Assert.InRange(w.max().item<float>(), 0.2f, MathF.Sqrt(2) * MathF.Sqrt(3f / 100));
        nn.init.trunc_normal_(w, 0, 1, -0.5, 0.5);
        Assert.InRange(w.abs().max().item<float>(), 0.45f, 0.5f);
    }
}
