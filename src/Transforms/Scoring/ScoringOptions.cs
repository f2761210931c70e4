using Microsoft.ML;
using MLNetLlm.Models;

namespace MLNetLlm.Transforms;

/// <summary>Settings of <see cref="ScoringEstimator"/>.</summary>
public sealed record ScoringOptions
{
    /// <summary>Text column to score.</summary>
    public string InputColumnName { get; init; } = "Text";

    /// <summary>Output column with the log-likelihood, in nats.</summary>
    public string LogLikelihoodColumnName { get; init; } = "LogLikelihood";

    /// <summary>Output column with the perplexity per token.</summary>
    public string PerplexityColumnName { get; init; } = "Perplexity";

    /// <summary>Output column with the number of tokens that were predicted.</summary>
    public string PredictedTokensColumnName { get; init; } = "PredictedTokens";

    /// <summary>The language model, of a causal family. It stays the caller's: it is used, not copied, and not disposed with the transformer.</summary>
    public LanguageModel? LanguageModel { get; init; }

    /// <summary>A checkpoint to load the language model from instead: a directory, or a name on the model hub, from which it is downloaded once.</summary>
    public string? Checkpoint { get; init; }

    /// <summary>
    /// Tokens between the starts of two windows in a text that is longer than the context, 1 to the context length less one;
    /// <see langword="null"/> is half the context length. Smaller is slower and predicts each token from more of its text.
    /// </summary>
    public int? Stride { get; init; }

    /// <summary>Most texts in one forward pass, 1 or more.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>Number format of the computation, for a model loaded from <see cref="Checkpoint"/>.</summary>
    public Precision Precision { get; init; } = Precision.Auto;

    /// <summary>
    /// Device for a model loaded from <see cref="Checkpoint"/>: <c>auto</c>, <c>cpu</c>, <c>cuda</c>, <c>cuda:1</c>;
    /// <see langword="null"/> follows <see cref="MLContext.GpuDeviceId"/>.
    /// </summary>
    public string? Device { get; init; }

    internal ModelSource Source => new(LanguageModel, Checkpoint, Precision, Device);

    /// <summary>Checks every setting.</summary>
    /// <exception cref="ArgumentException">A setting is out of its range, or the model is not causal; the message names it.</exception>
    public void Validate()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(InputColumnName);
        ArgumentException.ThrowIfNullOrWhiteSpace(LogLikelihoodColumnName);
        ArgumentException.ThrowIfNullOrWhiteSpace(PerplexityColumnName);
        ArgumentException.ThrowIfNullOrWhiteSpace(PredictedTokensColumnName);
        Source.Validate();
        if (BatchSize < 1)
            throw new ArgumentOutOfRangeException(nameof(BatchSize), $"BatchSize must be at least 1, but is {BatchSize}.");
        if (Stride < 1)
            throw new ArgumentOutOfRangeException(nameof(Stride), $"Stride must be at least 1, but is {Stride}.");
        if (LanguageModel is not null)
            _ = new TextScorer(LanguageModel, Stride, BatchSize);
    }
}
