using Microsoft.ML;
using MLNetLlm.Models;

namespace MLNetLlm.Transforms;

/// <summary>Settings of <see cref="TextGenerationEstimator"/>.</summary>
public sealed record TextGenerationOptions
{
    /// <summary>Text column with the prompts.</summary>
    public string InputColumnName { get; init; } = "Prompt";

    /// <summary>Output column with what the model wrote.</summary>
    public string GeneratedTextColumnName { get; init; } = "GeneratedText";

    /// <summary>Output column that says why a text ended.</summary>
    public string FinishReasonColumnName { get; init; } = "FinishReason";

    /// <summary>Output column with the number of tokens that the model read.</summary>
    public string PromptTokensColumnName { get; init; } = "PromptTokens";

    /// <summary>Output column with the number of tokens that the model wrote.</summary>
    public string GeneratedTokensColumnName { get; init; } = "GeneratedTokens";

    /// <summary>The language model, of a causal family. It stays the caller's: it is used, not copied, and not disposed with the transformer.</summary>
    public LanguageModel? LanguageModel { get; init; }

    /// <summary>A checkpoint to load the language model from instead: a directory, or a name on the model hub, from which it is downloaded once.</summary>
    public string? Checkpoint { get; init; }

    /// <summary>
    /// How text is written. By default the likeliest tokens, and of a prompt longer than the context the end is read, which
    /// the log reports; other options refuse such a prompt unless they say <see cref="LongPrompt.KeepEnd"/>.
    /// </summary>
    public GenerationOptions Generation { get; init; } = new() { LongPrompt = LongPrompt.KeepEnd };

    /// <summary>
    /// How the model was taught to see instructions: prompts are answered, and an answer ends where the template's do.
    /// <see langword="null"/> continues prompts.
    /// </summary>
    public ChatTemplate? Template { get; init; }

    /// <summary>Most texts that are written at once, 1 or more.</summary>
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
    /// <exception cref="ArgumentException">A setting is out of its range, the model is not causal, or the template does not fit it; the message names it.</exception>
    public void Validate()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(InputColumnName);
        ArgumentException.ThrowIfNullOrWhiteSpace(GeneratedTextColumnName);
        ArgumentException.ThrowIfNullOrWhiteSpace(FinishReasonColumnName);
        ArgumentException.ThrowIfNullOrWhiteSpace(PromptTokensColumnName);
        ArgumentException.ThrowIfNullOrWhiteSpace(GeneratedTokensColumnName);
        ArgumentNullException.ThrowIfNull(Generation);
        Generation.Validate();
        Template?.Validate();
        Source.Validate();
        if (BatchSize < 1)
            throw new ArgumentOutOfRangeException(nameof(BatchSize), $"BatchSize must be at least 1, but is {BatchSize}.");
        if (LanguageModel is not null)
            ValidateAgainst(LanguageModel);
    }

    /// <summary>Checks the settings whose range depends on the model.</summary>
    internal void ValidateAgainst(LanguageModel model)
    {
        if (!model.Network.IsCausal)
        {
            throw new ArgumentException(
                $"Text can be written only by a causal network, one that predicts the next token, such as GPT-2 or LLaMA; this {model.Network.GetName()} looks both ways.",
                nameof(LanguageModel));
        }
        _ = new PromptCompletion(model, Generation, Template, BatchSize);
    }
}
