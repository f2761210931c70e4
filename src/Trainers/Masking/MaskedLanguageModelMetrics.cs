using System.Globalization;

namespace MLNetLlm.Trainers;

/// <summary>How well a model finds out hidden tokens.</summary>
public sealed record MaskedLanguageModelMetrics
{
    /// <summary>Mean negative log-probability of a hidden token, in nats. Comparable between models with the same tokenizer only.</summary>
    public required double Loss { get; init; }

    /// <summary>exp of <see cref="Loss"/>.</summary>
    public double Perplexity => Math.Exp(Loss);

    /// <summary>Share of the hidden tokens that the model finds most likely.</summary>
    public required double Accuracy { get; init; }

    /// <summary>Tokens that were hidden.</summary>
    public required long Tokens { get; init; }

    /// <summary>Texts, empty ones included.</summary>
    public required long Rows { get; init; }

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"loss {Loss:0.0000} nats a hidden token, accuracy {Accuracy:p2}; {Tokens:#,0} hidden tokens, {Rows:#,0} texts");
}
