using Microsoft.ML;
using MLNetLlm.Models;

namespace MLNetLlm.Transforms;

/// <summary>Settings of <see cref="EmbeddingEstimator"/>.</summary>
public sealed record EmbeddingOptions
{
    /// <summary>Output column with the embedding.</summary>
    public string OutputColumnName { get; init; } = "Features";

    /// <summary>Text column to embed.</summary>
    public string InputColumnName { get; init; } = "Text";

    /// <summary>The language model. It stays the caller's: it is used, not copied, and not disposed with the transformer.</summary>
    public LanguageModel? LanguageModel { get; init; }

    /// <summary>A checkpoint to load the language model from instead: a directory, or a name on the model hub, from which it is downloaded once.</summary>
    public string? Checkpoint { get; init; }

    /// <summary>How the hidden states of a text's tokens become one vector.</summary>
    public Pooling Pooling { get; init; } = Pooling.Mean;

    /// <summary>Whether vectors are scaled to length 1 (L2), so that their dot product is the cosine similarity.</summary>
    public bool Normalize { get; init; }

    /// <summary>
    /// Most tokens of a text, those that the tokenizer puts around it counted (<c>[CLS]</c> and <c>[SEP]</c> in BERT), up to the
    /// model's context length, which is the default. Texts that are cut are reported in the log.</summary>
    public int? MaximumTokens { get; init; }

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
    /// <exception cref="ArgumentException">A setting is out of its range; the message names it.</exception>
    public void Validate()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(OutputColumnName);
        ArgumentException.ThrowIfNullOrWhiteSpace(InputColumnName);
        Source.Validate();
        if (!Enum.IsDefined(Pooling))
            throw new ArgumentOutOfRangeException(nameof(Pooling), $"Pooling {Pooling} is not known.");
        if (LanguageModel?.Network.Supports(Pooling) == false)
            throw new ArgumentException($"The model's network has no layer for the pooling {Pooling}.", nameof(Pooling));
        int fewest = 1 + (LanguageModel?.Tokenizer.FrameLength ?? 0);
        if (MaximumTokens < fewest || MaximumTokens > LanguageModel?.Config.ContextLength)
        {
            throw new ArgumentOutOfRangeException(nameof(MaximumTokens),
                $"MaximumTokens must be between {fewest} and the model's context length{(LanguageModel is null ? "" : $", {LanguageModel.Config.ContextLength}")}, but is {MaximumTokens}.");
        }
        if (BatchSize < 1)
            throw new ArgumentOutOfRangeException(nameof(BatchSize), $"BatchSize must be at least 1, but is {BatchSize}.");
    }
}
