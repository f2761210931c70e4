using TorchSharp;
using static TorchSharp.torch;

namespace MLNetLlm.Models;

/// <summary>Multi-head attention in which a position sees itself and what comes before it (Vaswani et al. 2017).</summary>
internal sealed class CausalAttention : nn.Module
{
    private readonly LinearLayer projection;
    private readonly LinearLayer output;
    private readonly DropoutSource dropout;
    private readonly int headCount;
    private readonly double dropoutProbability;

    public CausalAttention(LinearLayer projection, LinearLayer output, int headCount, DropoutSource dropout, double dropoutProbability)
        : base(nameof(CausalAttention))
    {
        this.projection = projection;
        this.output = output;
        this.headCount = headCount;
        this.dropout = dropout;
        this.dropoutProbability = dropoutProbability;
        register_module("c_attn", projection);
        register_module("c_proj", output);
    }

    /// <param name="input">[batch * time, width].</param>
    /// <param name="batch">Rows.</param>
    /// <param name="time">Tokens of each row.</param>
    /// <param name="cache">Keys and values of the tokens before these, to which these are added.</param>
    /// <returns>[batch * time, width] of the compute type.</returns>
    public Tensor Forward(Tensor input, long batch, long time, LayerCache? cache)
    {
        using var joined = projection.forward(input);
        var width = joined.shape[1] / 3;
        using var split = joined.view(batch, time, 3, headCount, width / headCount);
        using var arranged = split.permute(2, 0, 3, 1, 4);
        var parts = arranged.unbind(0);
        using var query = parts[0];
        using var key = parts[1];
        using var value = parts[2];
        using var mixed = cache is null ? Attend(query, key, value, isCausal: time > 1) : AttendCached(query, key, value, cache);
        using var byToken = mixed.transpose(1, 2);
        using var flat = byToken.reshape(batch * time, width);
        return output.forward(flat);
    }

    private Tensor AttendCached(Tensor query, Tensor key, Tensor value, LayerCache cache)
    {
        var isFirst = cache.Length == 0;
        using var held = cache.Append(key, value);
        // One new token may look at everything that the cache holds; several are only ever the first ones.
        return Attend(query, held.Keys, held.Values, isCausal: isFirst && query.shape[2] > 1);
    }

    private Tensor Attend(Tensor query, Tensor key, Tensor value, bool isCausal) =>
        dropoutProbability > 0 && training
            ? AttendWithDropout(query, key, value, isCausal)
            : nn.functional.scaled_dot_product_attention(query, key, value, is_casual: isCausal);

    // Spelled out, because the fused operation draws its dropout from libtorch's global generator.
    private Tensor AttendWithDropout(Tensor query, Tensor key, Tensor value, bool isCausal)
    {
        using var scaled = query.mul(1 / Math.Sqrt(query.shape[3]));
        using var turned = key.transpose(2, 3);
        using var scores = matmul(scaled, turned);
        using var visible = isCausal ? HideLater(scores) : scores.alias();
        using var weights = visible.softmax(-1, ScalarType.Float32);
        using var mask = dropout.Mask(weights.shape, dropoutProbability, weights.device);
        using var thinned = weights.mul(mask);
        using var typed = thinned.to(value.dtype);
        return matmul(typed, value);
    }

    private static Tensor HideLater(Tensor scores)
    {
        var time = scores.shape[^1];
        using var all = ones(time, time, ScalarType.Bool, scores.device);
        using var later = all.triu(1);
        return scores.masked_fill(later, double.NegativeInfinity);
    }
}
