using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNetLlm.Models;

/// <summary>A table of vectors, one row per token id or position.</summary>
internal sealed class EmbeddingLayer : nn.Module<Tensor, Tensor>
{
    public EmbeddingLayer(Parameter weight)
        : base(nameof(EmbeddingLayer))
    {
        Weight = weight;
        register_parameter("weight", weight);
    }

    public Parameter Weight { get; }

    /// <param name="input">Ids [n], Int64.</param>
    /// <returns>[n, width].</returns>
    public override Tensor forward(Tensor input) => Weight.index_select(0, input);

    /// <summary>Vectors of a plan's positions, in a table of those.</summary>
    /// <returns>[time, width], or [batch, time, width] where rows differ.</returns>
    public Tensor At(AttentionPlan plan)
    {
        if (plan.Positions is null)
        {
            return Weight.narrow(0, plan.Start, plan.Time);
        }

        // Padding behind a row's last token may reach past the table; nothing looks at it.
        using var flat = plan.Positions.view(-1);
        using var inside = flat.clamp_max(Weight.shape[0] - 1);
        using var vectors = forward(inside);
        return vectors.view(plan.Batch, plan.Time, Weight.shape[1]);
    }
}
