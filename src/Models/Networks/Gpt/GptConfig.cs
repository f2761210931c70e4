namespace MLNetLlm.Models;

/// <summary>
/// Shape of a GPT-2 style decoder (Radford et al. 2019). Reads and writes the public <c>config.json</c> of that family;
/// keys that it does not know survive. Start from a preset: <c>GptConfig.Mini with { ContextLength = 256 }</c>.
/// </summary>
public sealed partial record GptConfig
{
    /// <summary>Rows of the token embedding, at least the tokenizer's size; a multiple of 64 is fastest (<c>vocab_size</c>).</summary>
    public int VocabularySize { get; init; } = 50_257;

    /// <summary>Most tokens of a sequence (<c>n_positions</c>).</summary>
    public int ContextLength { get; init; } = 1024;

    /// <summary>Transformer blocks (<c>n_layer</c>).</summary>
    public int LayerCount { get; init; } = 12;

    /// <summary>Attention heads; divides <see cref="Width"/> (<c>n_head</c>).</summary>
    public int HeadCount { get; init; } = 12;

    /// <summary>Size of a token's vector (<c>n_embd</c>).</summary>
    public int Width { get; init; } = 768;

    /// <summary>Inner size of the feed-forward layers; <see langword="null"/> is four times <see cref="Width"/> (<c>n_inner</c>).</summary>
    public int? FeedForwardWidth { get; init; }

    /// <summary>Form of the feed-forward layers' activation (<c>activation_function</c>).</summary>
    public GptActivation Activation { get; init; } = GptActivation.GeluTanh;

    /// <summary>Dropout of embeddings and block outputs while training, 0 to below 1 (<c>resid_pdrop</c>, <c>embd_pdrop</c>).</summary>
    public double Dropout { get; init; } = 0.1;

    /// <summary>Dropout of attention weights while training; <see langword="null"/> is <see cref="Dropout"/> (<c>attn_pdrop</c>).</summary>
    public double? AttentionDropout { get; init; }

    /// <summary>Whether linear layers and norms have a bias (own key <c>bias</c>; GPT-2 has them).</summary>
    public bool Bias { get; init; } = true;

    /// <summary>Whether the vocabulary projection shares the embedding's weights (<c>tie_word_embeddings</c>).</summary>
    public bool TiedEmbeddings { get; init; } = true;

    /// <summary>Added to the variance in layer norms (<c>layer_norm_epsilon</c>).</summary>
    public double LayerNormEpsilon { get; init; } = 1e-5;

    /// <summary>Standard deviation of random weights (<c>initializer_range</c>).</summary>
    public double InitializerRange { get; init; } = 0.02;

    /// <summary>Number of weights of a network of this shape.</summary>
    public long ParameterCount
    {
        get
        {
            long width = Width, inner = FeedForwardWidth ?? 4L * Width, bias = Bias ? 1 : 0;
            var norm = width * (1 + bias);
            var block = 2 * norm + width * (4 * width + 2 * inner) + bias * (5 * width + inner);
            return (long)VocabularySize * width * (TiedEmbeddings ? 1 : 2) + ContextLength * width + LayerCount * block + norm;
        }
    }

    // What else the file said, as JSON text, so that records with equal content are equal.
    internal string? OtherKeys { get; init; }

    /// <summary>Checks every setting.</summary>
    /// <exception cref="ArgumentException">A setting is out of range; the message names it, what was expected and what was found.</exception>
    public void Validate()
    {
        AtLeastOne(VocabularySize, nameof(VocabularySize));
        AtLeastOne(ContextLength, nameof(ContextLength));
        AtLeastOne(LayerCount, nameof(LayerCount));
        AtLeastOne(HeadCount, nameof(HeadCount));
        AtLeastOne(Width, nameof(Width));
        AtLeastOne(FeedForwardWidth ?? 1, nameof(FeedForwardWidth));
        if (Width % HeadCount != 0)
        {
            throw new ArgumentException($"GptConfig.HeadCount must divide Width, but {Width} is not a multiple of {HeadCount}.", nameof(HeadCount));
        }

        Check(Enum.IsDefined(Activation), nameof(Activation), "a known activation", Activation);
        Check(Dropout is >= 0 and < 1, nameof(Dropout), "0 to below 1", Dropout);
        Check(AttentionDropout is null or (>= 0 and < 1), nameof(AttentionDropout), "0 to below 1", AttentionDropout);
        Check(LayerNormEpsilon is > 0 and < 1, nameof(LayerNormEpsilon), "above 0 and below 1", LayerNormEpsilon);
        Check(InitializerRange is >= 0 and <= 1, nameof(InitializerRange), "0 to 1", InitializerRange);
    }

    private static void AtLeastOne(int value, string name) => Check(value >= 1, name, "at least 1", value);

    private static void Check(bool holds, string name, string expected, object? found)
    {
        if (!holds)
        {
            throw new ArgumentException(FormattableString.Invariant($"GptConfig.{name} must be {expected}, but is {found}."), name);
        }
    }
}
