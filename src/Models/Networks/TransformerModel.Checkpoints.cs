using TorchSharp.Modules;

namespace MLNetLlm.Models;

/// <content>The network's weights as public checkpoints hold them.</content>
public abstract partial class TransformerModel
{
    /// <summary>Every tensor of a checkpoint, under its name without the family's prefix.</summary>
    /// <exception cref="InvalidOperationException">The network has adapters, which are no part of a plain checkpoint.</exception>
    internal IEnumerable<CheckpointTensor> CheckpointTensors()
    {
        RequireNoAdapters("saving or loading plain weights");
        return named_parameters().Select(pair => new CheckpointTensor(pair.Item1, pair.Item2, IsStoredTransposed(pair.Item1), IsHead(pair.Item1)));
    }

    /// <summary>Whether a tensor that a public checkpoint may hold is no weight of this network and is passed over.</summary>
    internal abstract bool IsIgnoredInCheckpoints(string name);

    /// <summary>Whether a weight belongs to a head, whose names never carry the family's prefix.</summary>
    internal bool IsHead(string name) => name.StartsWith(Config.Family.HeadPrefix, StringComparison.Ordinal);

    /// <summary>Whether files hold a matrix as [inputs, outputs].</summary>
    private protected virtual bool IsStoredTransposed(string name) => false;
}

/// <summary>A parameter and how a checkpoint stores it.</summary>
/// <param name="Name">Public name without the family's prefix.</param>
/// <param name="Parameter">Where it lives in the network.</param>
/// <param name="IsTransposed">Whether the file holds the matrix the other way round.</param>
/// <param name="IsHead">Whether the public name never carries the family's prefix.</param>
internal sealed record CheckpointTensor(string Name, Parameter Parameter, bool IsTransposed, bool IsHead)
{
    public long[] StoredShape => IsTransposed ? [Parameter.shape[1], Parameter.shape[0]] : Parameter.shape;

    public string PublicName(TransformerFamily family) => IsHead ? Name : family.WeightPrefix + Name;
}
