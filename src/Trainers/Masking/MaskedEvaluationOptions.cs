using MLNetLlm.Models;

namespace MLNetLlm.Trainers;

/// <summary>Settings of <see cref="LanguageModelsCatalog.EvaluateMasked"/>.</summary>
public sealed record MaskedEvaluationOptions
{
    /// <summary>Text column to score.</summary>
    public string TextColumnName { get; init; } = "Text";

    /// <summary>Which tokens are hidden.</summary>
    public MaskingOptions Masking { get; init; } = new();

    /// <summary>The same seed hides the same tokens of the same texts, whatever the model, as long as tokenizers agree.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Most rows in one forward pass; at least 1.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>Ends the evaluation with an <see cref="OperationCanceledException"/>.</summary>
    public CancellationToken CancellationToken { get; init; }

    internal void Validate(LanguageModel model)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(TextColumnName);
        Masking.Validate();
        Setting.AtLeast(1, BatchSize, nameof(BatchSize));
        new MaskedPretrainingOptions { LanguageModel = model }.Validate();
    }
}
