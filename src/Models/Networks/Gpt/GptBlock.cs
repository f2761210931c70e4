using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNetLlm.Models;

/// <summary>Attention, then feed-forward, each normed before it and added to the residual stream after it.</summary>
internal sealed class GptBlock : nn.Module
{
    private readonly NormLayer attentionNorm;
    private readonly CausalAttention attention;
    private readonly NormLayer feedForwardNorm;
    private readonly FeedForward feedForward;
    private readonly DropoutSource dropout;
    private readonly double dropoutProbability;

    public GptBlock(
        NormLayer attentionNorm, CausalAttention attention, NormLayer feedForwardNorm, FeedForward feedForward,
        DropoutSource dropout, double dropoutProbability)
        : base(nameof(GptBlock))
    {
        this.attentionNorm = attentionNorm;
        this.attention = attention;
        this.feedForwardNorm = feedForwardNorm;
        this.feedForward = feedForward;
        this.dropout = dropout;
        this.dropoutProbability = dropoutProbability;
        register_module("ln_1", attentionNorm);
        register_module("attn", attention);
        register_module("ln_2", feedForwardNorm);
        register_module("mlp", feedForward);
    }

    /// <param name="residual">[batch * time, width] Float32.</param>
    /// <param name="batch">Rows.</param>
    /// <param name="time">Tokens of each row.</param>
    /// <param name="cache">Keys and values of the tokens before these.</param>
    /// <returns>The residual stream after this block, a new tensor.</returns>
    public Tensor Forward(Tensor residual, long batch, long time, LayerCache? cache)
    {
        using var attentionInput = attentionNorm.forward(residual);
        using var attended = attention.Forward(attentionInput, batch, time, cache);
        using var between = Add(residual, attended);
        using var feedForwardInput = feedForwardNorm.forward(between);
        using var transformed = feedForward.Forward(feedForwardInput);
        return Add(between, transformed);
    }

    private Tensor Add(Tensor residual, Tensor change)
    {
        using var wide = change.to(ScalarType.Float32);
        if (!training || dropoutProbability == 0)
        {
            return residual.add(wide);
        }

        using var mask = dropout.Mask(wide.shape, dropoutProbability, wide.device);
        return residual.addcmul(wide, mask, 1);
    }
}
