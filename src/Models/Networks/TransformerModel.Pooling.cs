using static TorchSharp.torch;

namespace MLNetLlm.Models;

/// <content>One vector per text.</content>
public abstract partial class TransformerModel
{
    /// <summary>What a classifier on this network pools unless it is told otherwise.</summary>
    public virtual Pooling DefaultPooling => Pooling.LastToken;

    /// <summary>Whether the network has what a pooling needs; only <see cref="Pooling.Pooler"/> needs more than hidden states.</summary>
    public virtual bool Supports(Pooling pooling) => Enum.IsDefined(pooling) && pooling != Pooling.Pooler;

    /// <summary>Pools each row's hidden states; what stands after a row's length is never looked at.</summary>
    /// <param name="hidden">[batch, time, width] of this network.</param>
    /// <param name="lengths">[batch] Int64, each 1 to time.</param>
    /// <param name="pooling">What to take.</param>
    /// <returns>[batch, width] Float32, or [batch, 2 * width] for <see cref="Pooling.LastTokenAndMean"/>.</returns>
    /// <exception cref="ArgumentException">The network has no pooler.</exception>
    public Tensor Pool(Tensor hidden, Tensor lengths, Pooling pooling)
    {
        if (pooling != Pooling.Pooler)
        {
            return HiddenStates.Pool(hidden, lengths, pooling);
        }

        RequirePooling(pooling);
        using var first = HiddenStates.Pool(hidden, lengths, Pooling.FirstToken);
        return ApplyPooler(first);
    }

    internal void RequirePooling(Pooling pooling)
    {
        if (!Supports(pooling))
        {
            throw new ArgumentException($"This {GetName()} has no layer for the pooling {pooling}; its default is {DefaultPooling}.", nameof(pooling));
        }
    }

    /// <param name="first">Hidden states [batch, width] of first tokens, in networks with a pooler.</param>
    private protected virtual Tensor ApplyPooler(Tensor first) => throw new InvalidOperationException($"{GetName()} has no pooler.");
}
