namespace MLNetLlm.Models;

/// <summary>
/// Shape of a BERT encoder (Devlin et al. 2019). Reads and writes the public <c>config.json</c> of that family; keys that it
/// does not know survive. Start from a preset: <c>BertConfig.Mini with { ContextLength = 512 }</c>.
/// </summary>
/// <remarks>Published encoders have different heads; loading finds out by their weights.</remarks>
public sealed partial record BertConfig : TransformerConfig
{
    /// <summary>BERT base's shape with the vocabulary of the uncased English one, a pooler and a masked-token head.</summary>
    public BertConfig()
    {
        VocabularySize = 30_522;
        ContextLength = 512;
        LayerCount = 12;
        HeadCount = 12;
        Width = 768;
        Dropout = 0.1;
    }

    /// <summary>Inner size of the feed-forward layers (<c>intermediate_size</c>).</summary>
    public int FeedForwardWidth { get; init; } = 3072;

    /// <summary>Form of the activation in feed-forward layers and the masked-token head (<c>hidden_act</c>).</summary>
    public Activation Activation { get; init; } = Activation.Gelu;

    /// <summary>Dropout of attention weights while training; <see langword="null"/> is <see cref="TransformerConfig.Dropout"/> (<c>attention_probs_dropout_prob</c>).</summary>
    public double? AttentionDropout { get; init; }

    /// <summary>Parts of a text that are told apart, at least 1 (<c>type_vocab_size</c>).</summary>
    public int TokenTypeCount { get; init; } = 2;

    /// <summary>Added to the variance in layer norms (<c>layer_norm_eps</c>).</summary>
    public double LayerNormEpsilon { get; init; } = 1e-12;

    /// <summary>Whether there is a layer that turns the first token's hidden state into a vector of the whole text.</summary>
    public bool HasPooler { get; init; } = true;

    /// <summary>Whether there is a head that scores the tokens of the vocabulary at masked positions, tied to the token embedding.</summary>
    public bool HasMaskedTokenHead { get; init; } = true;

    /// <summary>Whether there is a head that says whether the second part of a text follows the first; it needs the pooler.</summary>
    public bool HasPairHead { get; init; }

    /// <inheritdoc/>
    public override long ParameterCount
    {
        get
        {
            long width = Width, inner = FeedForwardWidth, square = width * width + width, norm = 2 * width;
            var tables = (VocabularySize + ContextLength + TokenTypeCount) * width + norm;
            var block = 4 * square + 2 * width * inner + inner + width + 2 * norm;
            var heads = (HasPooler ? square : 0) + (HasMaskedTokenHead ? square + norm + VocabularySize : 0) + (HasPairHead ? 2 * width + 2 : 0);
            return tables + LayerCount * block + heads;
        }
    }

    internal override TransformerFamily Family => Bert;

    private protected override string Architecture => (HasMaskedTokenHead, HasPairHead) switch
    {
        (true, true) => PretrainingArchitecture,
        (true, false) => Family.LanguageModelArchitecture,
        (false, true) => "BertForNextSentencePrediction",
        _ => "BertModel",
    };

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        Check(Width % HeadCount == 0, nameof(HeadCount), $"a divisor of the width, {Width}", HeadCount, "num_attention_heads");
        Check(FeedForwardWidth >= 1, nameof(FeedForwardWidth), "at least 1", FeedForwardWidth, "intermediate_size");
        Check(Activation is >= Activation.GeluTanh and <= Activation.Silu, nameof(Activation), "GeluTanh, Gelu, Relu or Silu", Activation, "hidden_act");
        Check(AttentionDropout is null or (>= 0 and < 1), nameof(AttentionDropout), "0 to below 1", AttentionDropout, "attention_probs_dropout_prob");
        Check(TokenTypeCount >= 1, nameof(TokenTypeCount), "at least 1", TokenTypeCount, "type_vocab_size");
        Check(LayerNormEpsilon is > 0 and < 1, nameof(LayerNormEpsilon), "above 0 and below 1", LayerNormEpsilon, "layer_norm_eps");
        Check(HasPooler || !HasPairHead, nameof(HasPooler), "true where HasPairHead is", HasPooler);
    }

    internal override TransformerConfig WithPartsOf(IReadOnlySet<string> names) => this with
    {
        HasPooler = names.Contains($"{BertCheckpointNames.Pooler}.weight"),
        HasMaskedTokenHead = names.Contains($"{BertCheckpointNames.MaskedTokenHead}.bias"),
        HasPairHead = names.Contains($"{BertCheckpointNames.PairHead}.weight"),
    };
}
