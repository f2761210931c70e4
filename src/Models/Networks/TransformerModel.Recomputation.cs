using static TorchSharp.torch;

namespace MLNetLlm.Models;

/// <content>Less memory for a training step, for more work.</content>
public abstract partial class TransformerModel
{
    /// <summary>
    /// Whether passes with a graph keep only what goes into each block, and compute the rest again for the gradient (Chen et al.
    /// 2016, https://arxiv.org/abs/1604.06174): the memory of one block in place of all. Once a gradient has arrived at the
    /// hidden states, <see cref="ContinueBackward"/> must follow; it goes for one pass at a time.
    /// </summary>
    public bool RecomputesActivations { get; set; }

    /// <summary>Carries the gradient of the last pass's hidden states on through the blocks; does nothing where these were not to be computed again.</summary>
    public void ContinueBackward()
    {
        recomputation.Backward();
        foreach (var table in Tables)
        {
            table.AddGradient();
        }
    }

    private IEnumerable<EmbeddingLayer> Tables => EmbeddingLayers.OfType<EmbeddingLayer>();

    private Tensor RunKeepingInputs(Tensor ids, Tensor? tokenTypes, AttentionPlans plans)
    {
        var residual = EmbedKeepingRows(ids, tokenTypes, plans.General);
        using (no_grad())
        {
            for (var layer = 0; layer < frozenBlocks; layer++)
            {
                residual = Forward(layer, residual, plans);
            }
        }

        return Finish(recomputation.Forward(residual, Blocks.Skip(frozenBlocks), frozenBlocks, plans), plans.General);
    }

    private Tensor EmbedKeepingRows(Tensor ids, Tensor? tokenTypes, AttentionPlan plan)
    {
        foreach (var table in Tables)
        {
            table.ForgetRows();
            table.KeepsRows = true;
        }

        try
        {
            return EmbedUnlessFrozen(ids, tokenTypes, plan);
        }
        finally
        {
            foreach (var table in Tables)
            {
                table.KeepsRows = false;
            }
        }
    }
}
