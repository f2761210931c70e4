using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNetLlm.Models;

/// <content>Training only a part of the weights.</content>
public abstract partial class TransformerModel
{
    /// <summary>The layers below the first block.</summary>
    private protected abstract IEnumerable<nn.Module> EmbeddingLayers { get; }

    /// <summary>
    /// Trains only the last blocks and the final norm. The embeddings and the other blocks keep their weights and run
    /// without a graph, which saves their share of the backward pass and its memory.
    /// </summary>
    /// <param name="lastBlocks">Blocks that go on learning, 0 to <see cref="LayerCount"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The network has fewer blocks.</exception>
    public void FreezeAllBut(int lastBlocks)
    {
        if (lastBlocks < 0 || lastBlocks > LayerCount)
        {
            throw new ArgumentOutOfRangeException(nameof(lastBlocks), lastBlocks, $"Expected 0 to {LayerCount}, the number of blocks.");
        }

        SetFrozen(areEmbeddings: true, LayerCount - lastBlocks);
    }

    /// <summary>Takes back <see cref="FreezeAllBut"/>: everything learns.</summary>
    public void UnfreezeAll() => SetFrozen(areEmbeddings: false, blockCount: 0);

    private void SetFrozen(bool areEmbeddings, int blockCount)
    {
        WeightsChanged();
        areEmbeddingsFrozen = areEmbeddings;
        frozenBlocks = blockCount;
        foreach (var parameter in EmbeddingLayers.SelectMany(layer => layer.parameters()))
        {
            parameter.requires_grad = !areEmbeddings;
        }

        for (var layer = 0; layer < Blocks.Count; layer++)
        {
            foreach (var parameter in Blocks[layer].Parameters)
            {
                parameter.requires_grad = layer >= blockCount;
            }
        }
    }
}
