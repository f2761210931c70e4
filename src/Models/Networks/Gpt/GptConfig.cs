namespace MLNetLlm.Models;

/// <summary>
/// Shape of a GPT-2 style decoder (Radford et al. 2019). Reads and writes the public <c>config.json</c> of that family;
/// keys that it does not know survive. Start from a preset: <c>GptConfig.Mini with { ContextLength = 256 }</c>.
/// </summary>
public sealed partial record GptConfig : TransformerConfig
{
    /// <summary>GPT-2 small's vocabulary, context length, depth and width.</summary>
    public GptConfig()
    {
        VocabularySize = 50_257;
        ContextLength = 1024;
        LayerCount = 12;
        HeadCount = 12;
        Width = 768;
        Dropout = 0.1;
    }

    /// <summary>Inner size of the feed-forward layers; <see langword="null"/> is four times <see cref="TransformerConfig.Width"/> (<c>n_inner</c>).</summary>
    public int? FeedForwardWidth { get; init; }

    /// <summary>Form of the feed-forward layers' activation (<c>activation_function</c>).</summary>
    public Activation Activation { get; init; } = Activation.GeluTanh;

    /// <summary>Dropout of attention weights while training; <see langword="null"/> is <see cref="TransformerConfig.Dropout"/> (<c>attn_pdrop</c>).</summary>
    public double? AttentionDropout { get; init; }

    /// <summary>Whether linear layers and norms have a bias (own key <c>bias</c>; GPT-2 has them).</summary>
    public bool Bias { get; init; } = true;

    /// <summary>Whether the vocabulary projection shares the embedding's weights (<c>tie_word_embeddings</c>).</summary>
    public bool TiedEmbeddings { get; init; } = true;

    /// <summary>Added to the variance in layer norms (<c>layer_norm_epsilon</c>).</summary>
    public double LayerNormEpsilon { get; init; } = 1e-5;

    /// <inheritdoc/>
    public override long ParameterCount
    {
        get
        {
            long width = Width, inner = FeedForwardWidth ?? 4L * Width, bias = Bias ? 1 : 0;
            var norm = width * (1 + bias);
            var block = 2 * norm + width * (4 * width + 2 * inner) + bias * (5 * width + inner);
            return (long)VocabularySize * width * (TiedEmbeddings ? 1 : 2) + ContextLength * width + LayerCount * block + norm;
        }
    }

    internal override TransformerFamily Family => Gpt2;

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        AtLeastOne(FeedForwardWidth ?? 1, nameof(FeedForwardWidth));
        if (Width % HeadCount != 0)
        {
            throw new ArgumentException($"GptConfig.HeadCount must divide Width, but {Width} is not a multiple of {HeadCount}.", nameof(HeadCount));
        }

        Check(Activation is Activation.GeluTanh or Activation.Gelu, nameof(Activation), "GeluTanh or Gelu", Activation);
        Check(AttentionDropout is null or (>= 0 and < 1), nameof(AttentionDropout), "0 to below 1", AttentionDropout);
        Check(LayerNormEpsilon is > 0 and < 1, nameof(LayerNormEpsilon), "above 0 and below 1", LayerNormEpsilon);
    }
}
