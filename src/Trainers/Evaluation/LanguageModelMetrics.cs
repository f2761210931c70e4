using System.Globalization;

namespace MLNetLlm.Trainers;

/// <summary>How well a language model predicts texts.</summary>
public sealed record LanguageModelMetrics
{
    /// <summary>Mean negative log-probability of a token, in nats. Comparable between models with the same tokenizer only.</summary>
    public required double Loss { get; init; }

    /// <summary>exp of <see cref="Loss"/>: between how many equally likely tokens the model was undecided on average.</summary>
    public double Perplexity => Math.Exp(Loss);

    /// <summary>
    /// Bits that the model would need to code a byte of the texts (UTF-8): the measure to compare models by, whatever their
    /// tokenizers.
    /// </summary>
    public double BitsPerByte => Loss * Tokens / Math.Log(2) / Bytes;

    /// <summary>Tokens predicted.</summary>
    public required long Tokens { get; init; }

    /// <summary>Texts, empty ones included.</summary>
    public required long Rows { get; init; }

    /// <summary>Texts without a character, which count for nothing.</summary>
    public required long EmptyRows { get; init; }

    /// <summary>Bytes of the texts in UTF-8.</summary>
    public required long Bytes { get; init; }

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"loss {Loss:0.0000} nats a token, perplexity {Perplexity:0.00}, {BitsPerByte:0.0000} bits a byte; {Tokens:#,0} tokens, {Bytes:#,0} bytes, {Rows:#,0} texts");
}
