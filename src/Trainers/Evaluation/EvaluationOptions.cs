namespace MLNetLlm.Trainers;

/// <summary>Settings of <see cref="LanguageModelsCatalog.Evaluate(Microsoft.ML.IDataView, Models.LanguageModel, EvaluationOptions)"/>.</summary>
public sealed record EvaluationOptions
{
    /// <summary>Text column to score.</summary>
    public string TextColumnName { get; init; } = "Text";

    /// <summary>
    /// Tokens by which the window moves over a text longer than the context: each token is predicted once, from at least the
    /// context length less this many tokens before it, as far as the text has them. A smaller stride tells the loss that the
    /// model really reaches, and takes longer. 1 to the context length less one; <see langword="null"/> is half of it.
    /// </summary>
    public int? Stride { get; init; }

    /// <summary>Most windows in one forward pass; at least 1.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>Ends the evaluation with an <see cref="OperationCanceledException"/>.</summary>
    public CancellationToken CancellationToken { get; init; }

    /// <summary>Checks every setting.</summary>
    /// <exception cref="ArgumentException">A setting is out of its range; the message names it.</exception>
    public void Validate()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(TextColumnName);
        Setting.AtLeast(1, Stride ?? 1, nameof(Stride));
        Setting.AtLeast(1, BatchSize, nameof(BatchSize));
    }
}
