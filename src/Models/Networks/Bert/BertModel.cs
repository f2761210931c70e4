using static TorchSharp.torch;

namespace MLNetLlm.Models;

/// <summary>
/// The BERT encoder (Devlin et al. 2019): learned positions and token types, blocks with the norm after each addition, every
/// position sees the whole text. On it stand, where a checkpoint has them, a pooler, a masked-token head and a pair head.
/// </summary>
public sealed class BertModel : TransformerModel
{
    private readonly EmbeddingLayer tokens;
    private readonly EmbeddingLayer positions;
    private readonly EmbeddingLayer types;
    private readonly NormLayer embeddingNorm;
    private readonly TransformerBlock[] blocks;
    private readonly ActivationFunction activation;
    private readonly LinearLayer? pooler;
    private readonly MaskedTokenHead? head;
    private readonly LinearLayer? pairHead;

    /// <summary>A network with random weights: normal with deviation <see cref="TransformerConfig.InitializerRange"/>; zero biases.</summary>
    /// <param name="config">Its shape.</param>
    /// <param name="precision">Number type of its products.</param>
    /// <param name="device">Where its weights live.</param>
    /// <param name="seed">The same seed gives the same weights and dropout; <see langword="null"/> takes a random one.</param>
    /// <exception cref="ArgumentException">The configuration is not valid.</exception>
    public BertModel(BertConfig config, Precision precision, Device device, long? seed)
        : this(config, precision, device, new WeightInitializer(seed ?? Random.Shared.NextInt64(), device))
    {
    }

    internal BertModel(BertConfig config, Precision precision, Device device, WeightInitializer initializer)
        : base(nameof(BertModel), config, precision, device)
    {
        Config = config;
        Heads = new AttentionHeads(config.HeadCount, config.HeadCount, config.Width / config.HeadCount);
        activation = new ActivationFunction(config.Activation);
        var (width, range) = (config.Width, config.InitializerRange);
        using (initializer)
        using (no_grad())
        {
            var layers = new LayerFactory(this, initializer, Compute, device);
            tokens = layers.Embedding("embeddings.word_embeddings", config.VocabularySize, width, range);
            positions = layers.Embedding("embeddings.position_embeddings", config.ContextLength, width, range);
            types = layers.Embedding("embeddings.token_type_embeddings", config.TokenTypeCount, width, range);
            embeddingNorm = layers.LayerNorm("embeddings.LayerNorm", width, hasBias: true, config.LayerNormEpsilon);
            blocks = Enumerable.Range(0, config.LayerCount).Select(layer => CreateBlock(layers, $"encoder.layer.{layer}")).ToArray();
            pooler = config.HasPooler ? layers.Linear(BertCheckpointNames.Pooler, width, width, hasBias: true, range) : null;
            head = config.HasMaskedTokenHead ? CreateHead(layers) : null;
            pairHead = config.HasPairHead ? layers.Linear(BertCheckpointNames.PairHead, width, 2, hasBias: true, range) : null;
            Dropout.Seed(initializer.Seed);
        }
    }

    /// <inheritdoc cref="TransformerModel.Config"/>
    public new BertConfig Config { get; }

    /// <inheritdoc/>
    public override Pooling DefaultPooling => pooler is null ? Pooling.FirstToken : Pooling.Pooler;

    private protected override AttentionHeads Heads { get; }

    private protected override AttentionDirection Direction { get; } = new(IsCausal: false);

    private protected override bool HasTokenTypes => true;

    private protected override IReadOnlyList<TransformerBlock> Blocks => blocks;

    private protected override IEnumerable<nn.Module> EmbeddingLayers => [tokens, positions, types, embeddingNorm];

    /// <summary>Whether the second part of each text follows the first.</summary>
    /// <param name="pooled">[batch, width] Float32: hidden states pooled by <see cref="Pooling.Pooler"/>.</param>
    /// <returns>Scores [batch, 2] Float32: that it follows, and that it is another text's.</returns>
    /// <exception cref="InvalidOperationException">The checkpoint has no such head.</exception>
    public Tensor PairLogits(Tensor pooled)
    {
        using var scores = (pairHead ?? throw new InvalidOperationException("The checkpoint of this BertModel has no pair head.")).forward(pooled);
        return scores.to(ScalarType.Float32);
    }

    /// <inheritdoc/>
    public override bool Supports(Pooling pooling) => pooling == Pooling.Pooler ? pooler is not null : base.Supports(pooling);

    internal override bool IsIgnoredInCheckpoints(string name) => BertCheckpointNames.IsIgnored(name);

    private protected override Tensor Score(Tensor hidden) => (head ?? throw NoHead()).Forward(hidden);

    private protected override Tensor ApplyPooler(Tensor first)
    {
        using var transformed = pooler!.forward(first);
        using var wide = transformed.to(ScalarType.Float32);
        return wide.tanh();
    }

    private protected override Tensor Embed(Tensor ids, Tensor? tokenTypes, AttentionPlan plan)
    {
        using var flat = ids.reshape(-1);
        using var byToken = tokens.forward(flat);
        using var grid = byToken.view(plan.Batch, plan.Time, Width);
        using var place = positions.At(plan);
        using var placed = grid.add(place);
        using var type = TypeVectors(tokenTypes);
        using var sum = placed.add(type);
        using var rows = sum.view(plan.Batch * plan.Time, Width);
        using var normed = embeddingNorm.forward(rows);
        return Dropout.Drop(normed, Config.Dropout);
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

    // Where nothing is said, all is the first part.
    private Tensor TypeVectors(Tensor? tokenTypes)
    {
        if (tokenTypes is null)
        {
            return types.Weight.narrow(0, 0, 1);
        }

        using var flat = tokenTypes.reshape(-1);
        using var vectors = types.forward(flat);
        return vectors.view(tokenTypes.shape[0], tokenTypes.shape[1], Width);
    }

    private MaskedTokenHead CreateHead(LayerFactory layers)
    {
        const string path = BertCheckpointNames.MaskedTokenHead;
        var decoder = layers.TiedLinear(path, tokens, hasBias: true);
        return new MaskedTokenHead(
            layers.Linear($"{path}.transform.dense", Width, Width, hasBias: true, Config.InitializerRange),
            activation,
            layers.LayerNorm($"{path}.transform.LayerNorm", Width, hasBias: true, Config.LayerNormEpsilon),
            decoder);
    }

    private TransformerBlock CreateBlock(LayerFactory layers, string path)
    {
        var (width, inner, range, epsilon) = (Config.Width, Config.FeedForwardWidth, Config.InitializerRange, Config.LayerNormEpsilon);
        return new TransformerBlock(
            layers.LayerNorm($"{path}.attention.output.LayerNorm", width, hasBias: true, epsilon),
            new SelfAttention(
                Heads,
                [
                    layers.Linear($"{path}.attention.self.query", width, width, hasBias: true, range),
                    layers.Linear($"{path}.attention.self.key", width, width, hasBias: true, range),
                    layers.Linear($"{path}.attention.self.value", width, width, hasBias: true, range),
                ],
                layers.Linear($"{path}.attention.output.dense", width, width, hasBias: true, range),
                Dropout,
                Config.AttentionDropout ?? Config.Dropout),
            layers.LayerNorm($"{path}.output.LayerNorm", width, hasBias: true, epsilon),
            new FeedForward(
                layers.Linear($"{path}.intermediate.dense", width, inner, hasBias: true, range),
                layers.Linear($"{path}.output.dense", inner, width, hasBias: true, range),
                activation),
            NormPlacement.AfterEach,
            Dropout,
            Config.Dropout);
    }
}
