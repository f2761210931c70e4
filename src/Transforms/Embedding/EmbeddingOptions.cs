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

    /// <summary>Directory of a checkpoint to load the language model from instead.</summary>
    public string? CheckpointDirectory { get; init; }

    /// <summary>How the hidden states of a text's tokens become one vector.</summary>
    public Pooling Pooling { get; init; } = Pooling.Mean;

    /// <summary>Whether vectors are scaled to length 1 (L2), so that their dot product is the cosine similarity.</summary>
    public bool Normalize { get; init; }

    /// <summary>Most tokens used of a text, from 1 to the model's context length, which is the default. Texts that are cut are reported in the log.</summary>
    public int? MaximumTokens { get; init; }

    /// <summary>Most texts in one forward pass, 1 or more.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>Number format of the computation, for a model loaded from <see cref="CheckpointDirectory"/>.</summary>
    public Precision Precision { get; init; } = Precision.Auto;

    /// <summary>
    /// Device for a model loaded from <see cref="CheckpointDirectory"/>: <c>auto</c>, <c>cpu</c>, <c>cuda</c>, <c>cuda:1</c>;
    /// <see langword="null"/> follows <see cref="MLContext.GpuDeviceId"/>.
    /// </summary>
    public string? Device { get; init; }

    internal ModelSource Source => new(LanguageModel, CheckpointDirectory, Precision, Device);

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
        if (MaximumTokens < 1 || MaximumTokens > LanguageModel?.Config.ContextLength)
        {
            throw new ArgumentOutOfRangeException(nameof(MaximumTokens),
                $"MaximumTokens must be between 1 and the model's context length{(LanguageModel is null ? "" : $", {LanguageModel.Config.ContextLength}")}, but is {MaximumTokens}.");
        }
        if (BatchSize < 1)
            throw new ArgumentOutOfRangeException(nameof(BatchSize), $"BatchSize must be at least 1, but is {BatchSize}.");
    }
}
