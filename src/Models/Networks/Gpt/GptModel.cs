using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNetLlm.Models;

/// <summary>
/// The GPT-2 decoder (Radford et al. 2019): learned positions, blocks with the norm before attention and feed-forward, a
/// final norm, and a vocabulary projection usually tied to the token embedding.
/// </summary>
public sealed class GptModel : TransformerModel
{
    private readonly EmbeddingLayer tokens;
    private readonly EmbeddingLayer positions;
    private readonly GptBlock[] blocks;
    private readonly NormLayer finalNorm;
    private readonly LinearLayer head;
    private int frozenBlocks;
    private bool areEmbeddingsFrozen;

    /// <summary>A network with random weights: normal with deviation <see cref="GptConfig.InitializerRange"/>, smaller by the
    /// square root of twice the layers where a block adds to the residual stream; zero biases.</summary>
    /// <param name="config">Its shape.</param>
    /// <param name="precision">Number type of its products.</param>
    /// <param name="device">Where its weights live.</param>
    /// <param name="seed">The same seed gives the same weights and dropout; <see langword="null"/> takes a random one.</param>
    /// <exception cref="ArgumentException">The configuration is not valid.</exception>
    public GptModel(GptConfig config, Precision precision, Device device, long? seed)
        : this(config, precision, device, new WeightInitializer(seed ?? Random.Shared.NextInt64(), device))
    {
    }

    private GptModel(GptConfig config, Precision precision, Device device, WeightInitializer initializer)
        : base(nameof(GptModel), Validated(config).Width, precision, device)
    {
        Config = config;
        using (initializer)
        using (no_grad())
        {
            var range = config.InitializerRange;
            tokens = new EmbeddingLayer(initializer.Normal([config.VocabularySize, config.Width], range));
            positions = new EmbeddingLayer(initializer.Normal([config.ContextLength, config.Width], range));
            blocks = Enumerable.Range(0, config.LayerCount).Select(_ => CreateBlock(initializer)).ToArray();
            finalNorm = new NormLayer(config.Width, config.Bias, config.LayerNormEpsilon, device);
            head = config.TiedEmbeddings
                ? new LinearLayer(tokens.Weight, null, Compute, isShared: true)
                : new LinearLayer(initializer.Normal([config.VocabularySize, config.Width], range), null, Compute);
            Dropout.Seed(initializer.Seed);
        }

        register_module("wte", tokens);
        register_module("wpe", positions);
        register_module("h", new ModuleList<GptBlock>(blocks));
        register_module("ln_f", finalNorm);
        register_module("lm_head", head);
    }

    /// <summary>The network's shape.</summary>
    public GptConfig Config { get; }

    /// <inheritdoc/>
    public override int VocabularySize => Config.VocabularySize;

    /// <inheritdoc/>
    public override int ContextLength => Config.ContextLength;

    /// <inheritdoc/>
    public override int Width => Config.Width;

    /// <inheritdoc/>
    public override int LayerCount => Config.LayerCount;

    /// <summary>Loads a network without a tokenizer, for evaluation.</summary>
    /// <param name="directory">Holds <c>config.json</c> and <c>model.safetensors</c>.</param>
    /// <param name="precision">Number type of its products.</param>
    /// <param name="device">Where its weights live.</param>
    /// <exception cref="FileNotFoundException">A file is missing; the message names it.</exception>
    /// <exception cref="InvalidDataException">A file is damaged or does not fit the other.</exception>
    public static GptModel Load(string directory, Precision precision, Device device) =>
        LanguageModel.ReadNetwork(new DirectoryCheckpointStore(directory), precision, device);

    /// <summary>A network whose weights are about to be read from a checkpoint, so none are drawn.</summary>
    internal static GptModel WithoutWeights(GptConfig config, Precision precision, Device device) =>
        new(config, precision, device, WeightInitializer.None(device));

    /// <summary>Hidden states of token ids.</summary>
    /// <param name="input">[batch, time] Int64 on the network's device, time at most <see cref="ContextLength"/>, ids below <see cref="VocabularySize"/>.</param>
    /// <returns>[batch, time, width] Float32, after the final norm.</returns>
    /// <exception cref="ArgumentException">The ids are not of that shape.</exception>
    public override Tensor forward(Tensor input) => Forward(input, cache: null);

    /// <inheritdoc/>
    public override Tensor Logits(Tensor hidden)
    {
        var shape = hidden.shape;
        if (shape[^1] != Width)
        {
            throw new ArgumentException($"Hidden states must have width {Width}, but are [{string.Join(", ", shape)}].", nameof(hidden));
        }

        using var flat = hidden.reshape(-1, Width);
        using var narrow = head.forward(flat);
        using var logits = narrow.to(ScalarType.Float32);
        shape[^1] = VocabularySize;
        return logits.view(shape);
    }

    /// <inheritdoc/>
    public override void FreezeAllBut(int lastBlocks)
    {
        if (lastBlocks < 0 || lastBlocks > LayerCount)
        {
            throw new ArgumentOutOfRangeException(nameof(lastBlocks), lastBlocks, $"Expected 0 to {LayerCount}, the number of blocks.");
        }

        SetFrozen(areEmbeddings: true, LayerCount - lastBlocks);
    }

    /// <inheritdoc/>
    public override void UnfreezeAll() => SetFrozen(areEmbeddings: false, blockCount: 0);

    internal override Tensor Forward(Tensor ids, KeyValueCache? cache)
    {
        var start = cache?.Length ?? 0;
        var (batch, time) = CheckedShape(ids, start);
        var residual = Embed(ids, batch, time, start);
        for (var layer = 0; layer < blocks.Length; layer++)
        {
            using var previous = residual;
            using var noGradient = layer < frozenBlocks ? no_grad() : null;
            residual = blocks[layer].Forward(previous, batch, time, cache?[layer]);
        }

        using var last = residual;
        using var hidden = finalNorm.forward(last);
        return hidden.view(batch, time, Width);
    }

    internal override KeyValueCache CreateCache(long batch, long capacity) =>
        new(LayerCount, batch, Config.HeadCount, capacity, Width / Config.HeadCount, Compute.ScalarType, Device);

    internal override IEnumerable<CheckpointTensor> CheckpointTensors() => named_parameters()
        .Select(pair => new CheckpointTensor(pair.Item1, pair.Item2, GptCheckpointNames.IsTransposed(pair.Item1)));

    internal override bool IsIgnoredInCheckpoints(string name) => GptCheckpointNames.IsIgnored(name, Config.TiedEmbeddings);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Dropout.Dispose();
        }

        base.Dispose(disposing);
    }

    private static GptConfig Validated(GptConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        config.Validate();
        NativeRuntime.Initialize();
        return config;
    }

    private GptBlock CreateBlock(WeightInitializer initializer)
    {
        var (width, inner) = (Config.Width, Config.FeedForwardWidth ?? 4 * Config.Width);
        var range = Config.InitializerRange;
        var residualRange = range / Math.Sqrt(2 * Config.LayerCount);
        return new GptBlock(
            Norm(),
            new CausalAttention(
                Linear(width, 3 * width, range), Linear(width, width, residualRange),
                Config.HeadCount, Dropout, Config.AttentionDropout ?? Config.Dropout),
            Norm(),
            new FeedForward(Linear(width, inner, range), Linear(inner, width, residualRange), Config.Activation),
            Dropout,
            Config.Dropout);

        NormLayer Norm() => new(width, Config.Bias, Config.LayerNormEpsilon, Device);
        LinearLayer Linear(int inputs, int outputs, double deviation) =>
            new(initializer.Normal([outputs, inputs], deviation), Config.Bias ? initializer.Zeros(outputs) : null, Compute);
    }

    private Tensor Embed(Tensor ids, long batch, long time, long start)
    {
        using var noGradient = areEmbeddingsFrozen ? no_grad() : null;
        using var flat = ids.reshape(-1);
        using var byToken = tokens.forward(flat);
        using var grid = byToken.view(batch, time, Width);
        using var place = positions.Weight.narrow(0, start, time);
        using var sum = grid.add(place);
        if (!training || Config.Dropout == 0)
        {
            return sum.view(batch * time, Width);
        }

        using var mask = Dropout.Mask(sum.shape, Config.Dropout, Device);
        using var dropped = sum.mul(mask);
        return dropped.view(batch * time, Width);
    }

    private (long Batch, long Time) CheckedShape(Tensor ids, long start)
    {
        var shape = ids.shape;
        if (shape.Length != 2 || shape[0] == 0 || shape[1] == 0 || ids.dtype != ScalarType.Int64)
        {
            throw new ArgumentException(
                $"Token ids must be Int64 of shape [batch, time], both at least 1, but are {ids.dtype} [{string.Join(", ", shape)}].", nameof(ids));
        }

        return start + shape[1] <= ContextLength
            ? (shape[0], shape[1])
            : throw new ArgumentException(
                $"A sequence has {start + shape[1]} tokens, but the network's context length is {ContextLength}.", nameof(ids));
    }

    private void SetFrozen(bool areEmbeddings, int blockCount)
    {
        WeightsChanged();
        areEmbeddingsFrozen = areEmbeddings;
        frozenBlocks = blockCount;
        SetTrainable(tokens, !areEmbeddings);
        SetTrainable(positions, !areEmbeddings);
        for (var layer = 0; layer < blocks.Length; layer++)
        {
            SetTrainable(blocks[layer], layer >= blockCount);
        }
    }

    private static void SetTrainable(nn.Module module, bool isTrainable)
    {
        foreach (var parameter in module.parameters())
        {
            parameter.requires_grad = isTrainable;
        }
    }
}
