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
    private readonly TransformerBlock[] blocks;
    private readonly ActivationFunction activation;
    private readonly NormLayer finalNorm;
    private readonly LinearLayer head;

    /// <summary>A network with random weights: normal with deviation <see cref="TransformerConfig.InitializerRange"/>, smaller by
    /// the square root of twice the layers where a block adds to the residual stream; zero biases.</summary>
    /// <param name="config">Its shape.</param>
    /// <param name="precision">Number type of its products.</param>
    /// <param name="device">Where its weights live.</param>
    /// <param name="seed">The same seed gives the same weights and dropout; <see langword="null"/> takes a random one.</param>
    /// <exception cref="ArgumentException">The configuration is not valid.</exception>
    public GptModel(GptConfig config, Precision precision, Device device, long? seed)
        : this(config, precision, device, new WeightInitializer(seed ?? Random.Shared.NextInt64(), device))
    {
    }

    internal GptModel(GptConfig config, Precision precision, Device device, WeightInitializer initializer)
        : base(nameof(GptModel), config, precision, device)
    {
        Config = config;
        Heads = new AttentionHeads(config.HeadCount, config.HeadCount, config.Width / config.HeadCount);
        activation = new ActivationFunction(config.Activation);
        using (initializer)
        using (no_grad())
        {
            var layers = new LayerFactory(this, initializer, Compute, device);
            tokens = layers.Embedding("wte", config.VocabularySize, config.Width, config.InitializerRange);
            positions = layers.Embedding("wpe", config.ContextLength, config.Width, config.InitializerRange);
            blocks = Enumerable.Range(0, config.LayerCount).Select(layer => CreateBlock(layers, $"h.{layer}")).ToArray();
            finalNorm = layers.LayerNorm("ln_f", config.Width, config.Bias, config.LayerNormEpsilon);
            head = config.TiedEmbeddings
                ? layers.TiedLinear(GptCheckpointNames.Head, tokens)
                : layers.Linear(GptCheckpointNames.Head, config.Width, config.VocabularySize, hasBias: false, config.InitializerRange);
            Dropout.Seed(initializer.Seed);
        }
    }

    /// <inheritdoc cref="TransformerModel.Config"/>
    public new GptConfig Config { get; }

    private protected override AttentionHeads Heads { get; }

    private protected override AttentionDirection Direction { get; } = new(IsCausal: true);

    private protected override IReadOnlyList<TransformerBlock> Blocks => blocks;

    private protected override IEnumerable<nn.Module> EmbeddingLayers => [tokens, positions];

    internal override bool IsIgnoredInCheckpoints(string name) => GptCheckpointNames.IsIgnored(name, Config.TiedEmbeddings);

    private protected override bool IsStoredTransposed(string name) => GptCheckpointNames.IsTransposed(name);

    internal override LinearLayer? VocabularyLayer => head;

    private protected override Tensor Score(Tensor hidden) => head.forward(hidden);

    private protected override Tensor Finish(Tensor residual) => finalNorm.forward(residual);

    private protected override Tensor Embed(Tensor ids, Tensor? tokenTypes, AttentionPlan plan)
    {
        using var flat = ids.reshape(-1);
        using var byToken = tokens.forward(flat);
        using var grid = byToken.view(plan.Batch, plan.Time, Width);
        using var place = positions.At(plan);
        using var sum = grid.add(place);
        using var dropped = Dropout.Drop(sum, Config.Dropout);
        return dropped.view(plan.Batch * plan.Time, Width);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            activation.Dispose();
        }

        base.Dispose(disposing);
    }

    private TransformerBlock CreateBlock(LayerFactory layers, string path)
    {
        var (width, inner, bias, range) = (Config.Width, Config.FeedForwardWidth ?? 4 * Config.Width, Config.Bias, Config.InitializerRange);
        var residualRange = range / Math.Sqrt(2 * Config.LayerCount);
        return new TransformerBlock(
            layers.LayerNorm($"{path}.ln_1", width, bias, Config.LayerNormEpsilon),
            new SelfAttention(
                Heads,
                [layers.Linear($"{path}.attn.c_attn", width, 3 * width, bias, range)],
                layers.Linear($"{path}.attn.c_proj", width, width, bias, residualRange),
                Dropout,
                Config.AttentionDropout ?? Config.Dropout),
            layers.LayerNorm($"{path}.ln_2", width, bias, Config.LayerNormEpsilon),
            new FeedForward(
                layers.Linear($"{path}.mlp.c_fc", width, inner, bias, range),
                layers.Linear($"{path}.mlp.c_proj", inner, width, bias, residualRange),
                activation),
            NormPlacement.BeforeEach,
            Dropout,
            Config.Dropout);
    }
}
