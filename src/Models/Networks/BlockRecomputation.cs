using static TorchSharp.torch;

namespace MLNetLlm.Models;

/// <summary>
/// Blocks of which a training step keeps only what goes into each; what is within is computed again on the way back (Chen et al.
/// 2016, https://arxiv.org/abs/1604.06174). A third more work, and the memory of one block in place of all.
/// </summary>
internal sealed class BlockRecomputation(DropoutSource dropout) : IDisposable
{
    private readonly List<Step> steps = [];
    private AttentionPlans? plans;
    private Tensor? start;
    private Tensor? end;

    /// <summary>The residual stream through blocks, without a graph.</summary>
    /// <param name="residual">[batch * time, width], with a graph where something before the blocks learns; taken over.</param>
    /// <param name="blocks">The blocks.</param>
    /// <param name="firstLayer">Number of the first.</param>
    /// <param name="attention">Taken over.</param>
    /// <returns>A tensor that stays this object's; a gradient that arrives there is what <see cref="Backward"/> goes on with.</returns>
    public Tensor Forward(Tensor residual, IEnumerable<TransformerBlock> blocks, int firstLayer, AttentionPlans attention)
    {
        Forget();
        (start, plans) = (residual, attention);
        var input = residual.detach().requires_grad_(residual.requires_grad);
        using var noGradient = no_grad();
        foreach (var block in blocks)
        {
            var layer = firstLayer + steps.Count;
            steps.Add(new Step(block, layer, input, dropout.Position));
            using var output = block.Forward(input, attention.Of(layer), layer);
            input = output.detach().requires_grad_(true);
        }

        return end = input;
    }

    /// <summary>Carries the gradient that has arrived at the end of the blocks back through them; does nothing where none has.</summary>
    public void Backward()
    {
        if (end?.grad is { } arrived)
        {
            // What the forward pass freed lies between what is kept, and new tensors seldom fit there.
            NativeEnvironment.ReleaseFreedMemory();
            using var position = dropout.Position;
            var gradient = Through(arrived);
            dropout.Return(position);
            using (gradient)
            {
                if (gradient is not null && start!.requires_grad)
                {
                    autograd.backward(start, gradient);
                }
            }

            Forget();
            NativeEnvironment.ReleaseFreedMemory();
        }

        Forget();
    }

    public void Dispose() => Forget();

    // The gradient of the first block's input, where there is one.
    private Tensor? Through(Tensor arrived)
    {
        Tensor? gradient = arrived;
        foreach (var step in Enumerable.Reverse(steps))
        {
            using var ofOutput = gradient;
            dropout.Return(step.Position);
            using var output = step.Block.Forward(step.Input, plans!.Of(step.Layer), step.Layer);
            if (!output.requires_grad)
            {
                return null;
            }

            autograd.backward(output, ofOutput);
            gradient = step.Input.grad;
            step.Dispose();
            if (gradient is null)
            {
                return null;
            }
        }

        return gradient;
    }

    private void Forget()
    {
        steps.ForEach(step => step.Dispose());
        steps.Clear();
        start?.Dispose();
        end?.Dispose();
        plans?.Dispose();
        (start, end, plans) = (null, null, null);
    }

    /// <param name="Block">The block.</param>
    /// <param name="Layer">Its number.</param>
    /// <param name="Input">What goes into it.</param>
    /// <param name="Position">Where the random numbers stood.</param>
    private sealed record Step(TransformerBlock Block, int Layer, Tensor Input, DropoutPosition Position) : IDisposable
    {
        public void Dispose()
        {
            Input.Dispose();
            Position.Dispose();
        }
    }
}
