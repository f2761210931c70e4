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
}
