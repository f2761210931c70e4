using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNetLlm.Models;

/// <summary>Where a block's norms stand.</summary>
internal enum NormPlacement
{
    /// <summary>Before attention and feed-forward; the residual stream itself is not normed (GPT-2, LLaMA).</summary>
    BeforeEach,

    /// <summary>After each addition to the residual stream (Vaswani et al. 2017; BERT).</summary>
    AfterEach,
}

/// <summary>Attention, then feed-forward, each added to the residual stream.</summary>
internal sealed class TransformerBlock(
    nn.Module<Tensor, Tensor> attentionNorm,
    SelfAttention attention,
    nn.Module<Tensor, Tensor> feedForwardNorm,
    IFeedForward feedForward,
    NormPlacement placement,
    DropoutSource dropout,
    double dropoutProbability)
{
    public IEnumerable<Parameter> Parameters =>
        [.. attentionNorm.parameters(), .. attention.Parameters, .. feedForwardNorm.parameters(), .. feedForward.Parameters];

    /// <param name="residual">[batch * time, width] Float32.</param>
    /// <param name="plan">How the rows lie.</param>
    /// <param name="layer">Number of this block, from 0.</param>
    /// <returns>The residual stream after this block, a new tensor.</returns>
    public Tensor Forward(Tensor residual, AttentionPlan plan, int layer) =>
        placement == NormPlacement.BeforeEach ? NormBefore(residual, plan, layer) : NormAfter(residual, plan, layer);

    private Tensor NormBefore(Tensor residual, AttentionPlan plan, int layer)
    {
        using var attentionInput = attentionNorm.forward(residual);
        using var attended = attention.Forward(attentionInput, plan, layer);
        using var between = Add(residual, attended);
        using var feedForwardInput = feedForwardNorm.forward(between);
        using var transformed = feedForward.Forward(feedForwardInput);
        return Add(between, transformed);
    }

    private Tensor NormAfter(Tensor residual, AttentionPlan plan, int layer)
    {
        using var attended = attention.Forward(residual, plan, layer);
        using var withAttention = Add(residual, attended);
        using var between = attentionNorm.forward(withAttention);
        using var transformed = feedForward.Forward(between);
        using var sum = Add(between, transformed);
        return feedForwardNorm.forward(sum);
    }

    // Dropped in the type of the products, whose masks are half as large in 16 bits; added in 32 bits.
    private Tensor Add(Tensor residual, Tensor change)
    {
        using var dropped = dropout.Drop(change, dropoutProbability);
        return residual.add(dropped);
    }
}
