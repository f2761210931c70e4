using MLNetLlm.Models;

namespace MLNetLlm.Services;

/// <summary>What happens to a text that is longer than an embedding can take in.</summary>
public enum LongText
{
    /// <summary>Its end is left out; the count of dropped tokens is in <c>AdditionalProperties["dropped_tokens"]</c> of its embedding.</summary>
    CutEnd,

    /// <summary>The request is refused with an error that names both lengths.</summary>
    Refuse,
}

/// <summary>Settings of <see cref="LanguageModelEmbeddingGenerator"/>.</summary>
public sealed record EmbeddingGeneratorSettings
{
    /// <summary>What the model is called in results, metadata and traces; a request for another one is refused.</summary>
    public string ModelId { get; init; } = "language-model";

    /// <summary>How the hidden states of a text's tokens become one vector.</summary>
    public Pooling Pooling { get; init; } = Pooling.Mean;

    /// <summary>Whether vectors are scaled to length 1 (L2), so that their dot product is the cosine similarity.</summary>
    public bool Normalize { get; init; } = true;

    /// <summary>
    /// Most tokens of a text, those that the tokenizer puts around it counted (<c>[CLS]</c> and <c>[SEP]</c> in BERT), up to the
    /// context length, which is the default.
    /// </summary>
    public int? MaximumTokens { get; init; }

    /// <summary>What happens to longer texts.</summary>
    public LongText LongText { get; init; } = LongText.CutEnd;

    /// <summary>Most texts in one forward pass, at least 1.</summary>
    public int BatchSize { get; init; } = 32;
}
