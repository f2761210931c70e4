using static TorchSharp.torch;

namespace MLNetLlm.Models;

/// <summary>
/// The LLaMA decoder (Touvron et al. 2023) and its relatives: rotary positions, root-mean-square norms before attention and
/// gated feed-forward layers, keys and values shared by several queries, and a vocabulary projection tied or not.
/// </summary>
public sealed class LlamaModel : TransformerModel
{
    private readonly EmbeddingLayer tokens;
    private readonly TransformerBlock[] blocks;
    private readonly ActivationFunction activation;
    private readonly RmsNormLayer finalNorm;
    private readonly LinearLayer? head;

    /// <summary>A network with random weights: normal with deviation <see cref="TransformerConfig.InitializerRange"/>, smaller by
    /// the square root of twice the layers where a block adds to the residual stream; zero biases.</summary>
    /// <param name="config">Its shape.</param>
    /// <param name="precision">Number type of its products.</param>
    /// <param name="device">Where its weights live.</param>
    /// <param name="seed">The same seed gives the same weights and dropout; <see langword="null"/> takes a random one.</param>
    /// <exception cref="ArgumentException">The configuration is not valid.</exception>
    public LlamaModel(LlamaConfig config, Precision precision, Device device, long? seed)
        : this(config, precision, device, new WeightInitializer(seed ?? Random.Shared.NextInt64(), device))
    {
    }

    internal LlamaModel(LlamaConfig config, Precision precision, Device device, WeightInitializer initializer)
        : base(nameof(LlamaModel), config, precision, device)
    {
        Config = config;
        Heads = config.Heads;
        Direction = new AttentionDirection(IsCausal: true, config.Window, config.UnlimitedLayers);
        Rotary = new RotaryTable(new RotaryFrequencies(Heads.HeadWidth, config.RotaryBase, config.RotaryScaling), device);
        activation = new ActivationFunction(config.Activation);
        using (initializer)
        using (no_grad())
        {
            var layers = new LayerFactory(this, initializer, Compute, device);
            tokens = layers.Embedding("embed_tokens", config.VocabularySize, config.Width, config.InitializerRange);
            blocks = Enumerable.Range(0, config.LayerCount).Select(layer => CreateBlock(layers, $"layers.{layer}")).ToArray();
            finalNorm = layers.RmsNorm("norm", config.Width, config.NormEpsilon);
            head = !config.HasHead ? null : config.TiedEmbeddings
                ? layers.TiedLinear(LlamaCheckpointNames.Head, tokens)
                : layers.Linear(LlamaCheckpointNames.Head, config.Width, config.VocabularySize, hasBias: false, config.InitializerRange);
            Dropout.Seed(initializer.Seed);
        }
    }

    /// <inheritdoc cref="TransformerModel.Config"/>
    public new LlamaConfig Config { get; }

    private protected override AttentionHeads Heads { get; }

    private protected override AttentionDirection Direction { get; }

    private protected override RotaryTable Rotary { get; }

    private protected override IReadOnlyList<TransformerBlock> Blocks => blocks;

    private protected override IEnumerable<nn.Module> EmbeddingLayers => [tokens];

    internal override bool IsIgnoredInCheckpoints(string name) => LlamaCheckpointNames.IsIgnored(name, Config.TiedEmbeddings);

    internal override LinearLayer? VocabularyLayer => head;

    private protected override Tensor Score(Tensor hidden) => (head ?? throw NoHead()).forward(hidden);

    private protected override Tensor Finish(Tensor residual) => finalNorm.forward(residual);

    private protected override Tensor Embed(Tensor ids, Tensor? tokenTypes, AttentionPlan plan)
    {
        using var flat = ids.reshape(-1);
        using var byToken = tokens.forward(flat);
        return Dropout.Drop(byToken, Config.Dropout);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            activation.Dispose();
            Rotary.Dispose();
        }

        base.Dispose(disposing);
    }

    private TransformerBlock CreateBlock(LayerFactory layers, string path)
    {
        var (width, inner, range) = (Config.Width, Config.FeedForwardWidth, Config.InitializerRange);
        var residualRange = range / Math.Sqrt(2 * Config.LayerCount);
        return new TransformerBlock(
            layers.RmsNorm($"{path}.input_layernorm", width, Config.NormEpsilon),
            new SelfAttention(
                Heads,
                [
                    layers.Linear($"{path}.self_attn.q_proj", width, Heads.QueryWidth, Config.HasInputBias, range),
                    layers.Linear($"{path}.self_attn.k_proj", width, Heads.KeyValueWidth, Config.HasInputBias, range),
                    layers.Linear($"{path}.self_attn.v_proj", width, Heads.KeyValueWidth, Config.HasInputBias, range),
                ],
                layers.Linear($"{path}.self_attn.o_proj", Heads.QueryWidth, width, Config.AttentionBias, residualRange),
                Dropout,
                Config.AttentionDropout),
            layers.RmsNorm($"{path}.post_attention_layernorm", width, Config.NormEpsilon),
            new GatedFeedForward(
                layers.Linear($"{path}.mlp.gate_proj", width, inner, Config.FeedForwardBias, range),
                layers.Linear($"{path}.mlp.up_proj", width, inner, Config.FeedForwardBias, range),
                layers.Linear($"{path}.mlp.down_proj", inner, width, Config.FeedForwardBias, residualRange),
                activation),
            NormPlacement.BeforeEach,
            Dropout,
            Config.Dropout);
    }
}
