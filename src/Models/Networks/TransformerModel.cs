using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNetLlm.Models;

/// <summary>
/// A network from token ids [batch, time] (Int64) to hidden states [batch, time, width] (Float32, after the final norm).
/// Padding belongs on the right: a causal network gives the same hidden states for the real tokens whatever follows them.
/// </summary>
/// <remarks>Any number of threads may run the network at once while nobody trains it or loads weights into it.</remarks>
public abstract class TransformerModel : nn.Module<Tensor, Tensor>
{
    private protected TransformerModel(string name, int width, Precision precision, Device device)
        : base(name)
    {
        Device = device;
        Compute = new ComputeType(PrecisionRule.Resolve(precision, device, width));
        Dropout = new DropoutSource();
    }

    /// <summary>Rows of the token embedding.</summary>
    public abstract int VocabularySize { get; }

    /// <summary>Most tokens of a sequence.</summary>
    public abstract int ContextLength { get; }

    /// <summary>Size of a hidden state.</summary>
    public abstract int Width { get; }

    /// <summary>Number of transformer blocks.</summary>
    public abstract int LayerCount { get; }

    /// <summary>Where the weights are.</summary>
    public Device Device { get; }

    /// <summary>The effective precision of the matrix products; <see cref="Precision.Auto"/> is resolved when it is set.</summary>
    public Precision Precision
    {
        get => Compute.Precision;
        set => Compute.Precision = PrecisionRule.Resolve(value, Device, Width);
    }

    private protected ComputeType Compute { get; }

    internal DropoutSource Dropout { get; }

    /// <summary>Vocabulary scores of hidden states. Costly for large vocabularies: pass only the positions that count.</summary>
    /// <param name="hidden">[..., width] Float32.</param>
    /// <returns>[..., vocabulary] Float32.</returns>
    public abstract Tensor Logits(Tensor hidden);

    /// <summary>
    /// Trains only the last blocks and the final norm. The embeddings and the other blocks keep their weights and run
    /// without a graph, which saves their share of the backward pass and its memory.
    /// </summary>
    /// <param name="lastBlocks">Blocks that go on learning, 0 to <see cref="LayerCount"/>.</param>
    public abstract void FreezeAllBut(int lastBlocks);

    /// <summary>Takes back <see cref="FreezeAllBut"/>: everything learns.</summary>
    public abstract void UnfreezeAll();

    /// <summary>Starts the random numbers of this network's dropout anew; libtorch's global generator is never touched.</summary>
    public void SeedDropout(long seed) => Dropout.Seed(seed);

    /// <summary>
    /// Says that weights were written to other than by training (loading, copying back the best ones) while the network is
    /// in evaluation mode, so that weights cast for inference are cast anew. Switching mode says it too.
    /// </summary>
    public void WeightsChanged()
    {
        foreach (var module in modules())
        {
            (module as LinearLayer)?.ForgetCastWeights();
        }
    }

    /// <summary>Hidden states [batch, time, width] of tokens that follow those in the cache, which these join.</summary>
    internal abstract Tensor Forward(Tensor ids, KeyValueCache? cache);

    /// <summary>Room for a number of tokens of each row.</summary>
    internal abstract KeyValueCache CreateCache(long batch, long capacity);

    /// <summary>Every tensor of a checkpoint, under its public name without any prefix for the kind of model.</summary>
    internal abstract IEnumerable<CheckpointTensor> CheckpointTensors();

    /// <summary>Whether a tensor that a public checkpoint may hold is no weight of this network and is passed over.</summary>
    internal abstract bool IsIgnoredInCheckpoints(string name);
}

/// <summary>A parameter and how a checkpoint stores it.</summary>
/// <param name="Name">Public name.</param>
/// <param name="Parameter">Where it lives in the network.</param>
/// <param name="IsTransposed">Whether the file holds the matrix the other way round.</param>
internal sealed record CheckpointTensor(string Name, Parameter Parameter, bool IsTransposed)
{
    public long[] StoredShape => IsTransposed ? [Parameter.shape[1], Parameter.shape[0]] : Parameter.shape;
}
