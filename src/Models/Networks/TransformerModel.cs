using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNetLlm.Models;

/// <summary>
/// A network from token ids [batch, time] (Int64) to hidden states [batch, time, width] (Float32, after the final norm).
/// Padding belongs on the right: a causal network gives the same hidden states for the real tokens whatever follows them.
/// </summary>
/// <remarks>
/// <para>Any number of threads may run the network at once while nobody trains it or loads weights into it.</para>
/// <para>The names of its parameters are those of public checkpoints, without the family's prefix.</para>
/// </remarks>
public abstract partial class TransformerModel : nn.Module<Tensor, Tensor>
{
    private readonly BlockRecomputation recomputation;
    private int frozenBlocks;
    private bool areEmbeddingsFrozen;

    private protected TransformerModel(string name, TransformerConfig config, Precision precision, Device device)
        : base(name)
    {
        config.Validate();
        NativeRuntime.Initialize();
        Config = config;
        Device = device;
        Compute = new ComputeType(PrecisionRule.Resolve(precision, device, config.Width));
        recomputation = new BlockRecomputation(Dropout);
    }

    /// <summary>The network's shape.</summary>
    public TransformerConfig Config { get; }

    /// <summary>Rows of the token embedding.</summary>
    public int VocabularySize => Config.VocabularySize;

    /// <summary>Most tokens of a sequence.</summary>
    public int ContextLength => Config.ContextLength;

    /// <summary>Size of a hidden state.</summary>
    public int Width => Config.Width;

    /// <summary>Number of transformer blocks.</summary>
    public int LayerCount => Config.LayerCount;

    /// <summary>Whether a position sees only itself and what comes before it, so that the network can continue a text.</summary>
    public bool IsCausal => Direction.IsCausal;

    /// <summary>Where the weights are.</summary>
    public Device Device { get; }

    /// <summary>The effective precision of the matrix products; <see cref="Precision.Auto"/> is resolved when it is set.</summary>
    public Precision Precision
    {
        get => Compute.Precision;
        set => Compute.Precision = PrecisionRule.Resolve(value, Device, Width);
    }

    internal DropoutSource Dropout { get; } = new();

    private protected ComputeType Compute { get; }

    private protected abstract AttentionHeads Heads { get; }

    private protected abstract AttentionDirection Direction { get; }

    private protected abstract IReadOnlyList<TransformerBlock> Blocks { get; }

    /// <summary>The layer from hidden states to vocabulary scores, where it is a single one.</summary>
    internal virtual LinearLayer? VocabularyLayer => null;

    /// <summary>Angles of the positions, in networks that turn queries and keys by them.</summary>
    private protected virtual RotaryTable? Rotary => null;

    private protected virtual bool HasTokenTypes => false;

    /// <summary>Loads a network without a tokenizer, for evaluation.</summary>
    /// <param name="directory">Holds <c>config.json</c> and <c>model.safetensors</c>.</param>
    /// <param name="precision">Number type of its products.</param>
    /// <param name="device">Where its weights live.</param>
    /// <exception cref="FileNotFoundException">A file is missing; the message names it.</exception>
    /// <exception cref="InvalidDataException">A file is damaged or does not fit the other.</exception>
    public static TransformerModel Load(string directory, Precision precision, Device device) =>
        LanguageModel.ReadNetwork(new DirectoryCheckpointStore(directory), precision, device);

    /// <summary>Hidden states of token ids, every one of them real.</summary>
    /// <param name="input">[batch, time] Int64 on the network's device, time at most <see cref="ContextLength"/>, ids below <see cref="VocabularySize"/>.</param>
    /// <returns>[batch, time, width] Float32, after the final norm.</returns>
    /// <exception cref="ArgumentException">The ids are not of that shape.</exception>
    public override Tensor forward(Tensor input) => Forward(input, lengths: null);

    /// <summary>Hidden states of rows of different lengths.</summary>
    /// <param name="ids">[batch, time] Int64 on the network's device, padded on the right.</param>
    /// <param name="lengths">[batch] Int64, each 1 to time: nothing that follows a row's tokens is looked at; <see langword="null"/> where all are real.</param>
    /// <param name="tokenTypes">[batch, time] Int64: which part of a pair a token belongs to, in networks that tell them apart (BERT).</param>
    /// <returns>[batch, time, width] Float32; what stands at padding is not meant to be used.</returns>
    /// <exception cref="ArgumentException">The tensors are not of these shapes.</exception>
    public Tensor Forward(Tensor ids, Tensor? lengths, Tensor? tokenTypes = null)
    {
        CheckShapes(ids, lengths, tokenTypes);
        return Run(ids, lengths, tokenTypes, cache: null);
    }

    /// <summary>Vocabulary scores of hidden states. Costly for large vocabularies: pass only the positions that count.</summary>
    /// <param name="hidden">[..., width] Float32.</param>
    /// <returns>[..., vocabulary] Float32.</returns>
    /// <exception cref="ArgumentException">The width is another.</exception>
    /// <exception cref="InvalidOperationException">The network has no such head: an encoder whose checkpoint has none.</exception>
    public Tensor Logits(Tensor hidden)
    {
        var shape = hidden.shape;
        if (shape[^1] != Width)
        {
            throw new ArgumentException($"Hidden states must have width {Width}, but are [{string.Join(", ", shape)}].", nameof(hidden));
        }

        using var flat = hidden.reshape(-1, Width);
        using var narrow = Score(flat);
        using var logits = narrow.to(ScalarType.Float32);
        shape[^1] = VocabularySize;
        return logits.view(shape);
    }

    /// <summary>Starts the random numbers of this network's dropout anew; libtorch's global generator is never touched.</summary>
    public void SeedDropout(long seed) => Dropout.Seed(seed);

    /// <summary>Switching mode may come with new weights, and only training drops anything.</summary>
    public override void train(bool train = true)
    {
        base.train(train);
        Dropout.IsTraining = train;
    }

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

    /// <summary>Hidden states [batch, time, width] of tokens that follow those in the cache, which these join without being counted.</summary>
    internal Tensor Forward(Tensor ids, CacheSlots cache)
    {
        CheckShape(ids, cache.Starts.Max());
        return Run(ids, lengths: null, tokenTypes: null, cache);
    }

    /// <summary>Room for a number of tokens of each of some sequences.</summary>
    internal KeyValueCache CreateCache(int slotCount, long capacity) => IsCausal
        ? new KeyValueCache(LayerCount, slotCount, Heads, capacity, Compute.ScalarType, Device)
        : throw new InvalidOperationException($"{GetName()} looks both ways and cannot continue a text.");

    /// <summary>Vocabulary scores [rows, vocabulary] of hidden states [rows, width], of the compute type.</summary>
    private protected abstract Tensor Score(Tensor hidden);

    /// <summary>The residual stream [batch * time, width] Float32 before the first block.</summary>
    private protected abstract Tensor Embed(Tensor ids, Tensor? tokenTypes, AttentionPlan plan);

    /// <summary>What follows the last block.</summary>
    private protected virtual Tensor Finish(Tensor residual) => residual.alias();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            recomputation.Dispose();
            Dropout.Dispose();
        }

        base.Dispose(disposing);
    }

    private protected InvalidOperationException NoHead() => new(
        $"The checkpoint of this {GetName()} has no vocabulary head, so there are no scores of tokens; its hidden states can be used.");

    private Tensor Run(Tensor ids, Tensor? lengths, Tensor? tokenTypes, CacheSlots? cache, Tensor? documents = null)
    {
        var plans = new AttentionPlans(Direction, Plan, Rotary, lengths);
        if (RecomputesActivations && is_grad_enabled())
        {
            return RunKeepingInputs(ids, tokenTypes, plans);
        }

        using (plans)
        {
            var residual = EmbedUnlessFrozen(ids, tokenTypes, plans.General);
            for (var layer = 0; layer < Blocks.Count; layer++)
            {
                using var noGradient = layer < frozenBlocks ? no_grad() : null;
                residual = Forward(layer, residual, plans);
            }

            using var last = residual;
            return Finish(last, plans.General);
        }

        AttentionPlan Plan(AttentionDirection direction) => documents is not null
            ? AttentionPlan.ForDocuments(documents, direction, Compute.ScalarType)
            : AttentionPlan.Create(ids.shape[0], ids.shape[1], lengths, cache, direction, Compute.ScalarType, Device);
    }

    private Tensor Forward(int layer, Tensor residual, AttentionPlans plans)
    {
        using (residual)
        {
            return Blocks[layer].Forward(residual, plans.Of(layer), layer);
        }
    }

    private Tensor Finish(Tensor residual, AttentionPlan plan)
    {
        using var hidden = Finish(residual);
        return hidden.view(plan.Batch, plan.Time, Width);
    }

    private Tensor EmbedUnlessFrozen(Tensor ids, Tensor? tokenTypes, AttentionPlan plan)
    {
        using var noGradient = areEmbeddingsFrozen ? no_grad() : null;
        return Embed(ids, tokenTypes, plan);
    }

    private void CheckShapes(Tensor ids, Tensor? lengths, Tensor? tokenTypes)
    {
        CheckShape(ids, start: 0);
        if (lengths is not null && (lengths.dtype != ScalarType.Int64 || !lengths.shape.SequenceEqual([ids.shape[0]])))
        {
            throw new ArgumentException(
                $"Lengths must be Int64 of shape [{ids.shape[0]}], but are {lengths.dtype} [{string.Join(", ", lengths.shape)}].", nameof(lengths));
        }

        if (tokenTypes is not null && !HasTokenTypes)
        {
            throw new ArgumentException($"{GetName()} has no token types.", nameof(tokenTypes));
        }

        if (tokenTypes is not null && (tokenTypes.dtype != ScalarType.Int64 || !tokenTypes.shape.SequenceEqual(ids.shape)))
        {
            throw new ArgumentException(
                $"Token types must be Int64 of the shape of the ids, [{string.Join(", ", ids.shape)}], but are {tokenTypes.dtype} [{string.Join(", ", tokenTypes.shape)}].",
                nameof(tokenTypes));
        }
    }

    private void CheckShape(Tensor ids, long start)
    {
        var shape = ids.shape;
        if (shape.Length != 2 || shape[0] == 0 || shape[1] == 0 || ids.dtype != ScalarType.Int64)
        {
            throw new ArgumentException(
                $"Token ids must be Int64 of shape [batch, time], both at least 1, but are {ids.dtype} [{string.Join(", ", shape)}].", nameof(ids));
        }

        if (start + shape[1] > ContextLength)
        {
            throw new ArgumentException(
                $"A sequence has {start + shape[1]} tokens, but the network's context length is {ContextLength}.", nameof(ids));
        }
    }
}
