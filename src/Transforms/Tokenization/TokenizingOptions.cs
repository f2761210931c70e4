using MLNetLlm.Models;

namespace MLNetLlm.Transforms;

/// <summary>Settings of <see cref="TokenizingEstimator"/>.</summary>
public sealed record TokenizingOptions
{
    /// <summary>Output column with the token ids.</summary>
    public string OutputColumnName { get; init; } = "Tokens";

    /// <summary>Text column to split.</summary>
    public string InputColumnName { get; init; } = "Text";

    /// <summary>How byte-pair encoding is learned from the column, where no tokenizer is given.</summary>
    public BytePairOptions BytePairs { get; init; } = new();

    /// <summary>A tokenizer to use as it is.</summary>
    public TextTokenizer? Tokenizer { get; init; }

    /// <summary>A tokenizer file, or a directory with one, to load; every format that <see cref="TextTokenizer.Load"/> knows.</summary>
    public string? TokenizerPath { get; init; }

    /// <summary>Most tokens kept of a text, at least 1; <see langword="null"/> keeps all. Texts that are cut are reported in the log.</summary>
    public int? MaximumTokens { get; init; }

    /// <summary>Checks every setting.</summary>
    /// <exception cref="ArgumentException">A setting is out of its range; the message names it.</exception>
    public void Validate()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(OutputColumnName);
        ArgumentException.ThrowIfNullOrWhiteSpace(InputColumnName);
        if (Tokenizer is not null && TokenizerPath is not null)
            throw new ArgumentException("Give either Tokenizer or TokenizerPath, not both.", nameof(TokenizerPath));
        if (Tokenizer is null && TokenizerPath is null)
            BytePairs.Validate();
        if (MaximumTokens < 1)
            throw new ArgumentOutOfRangeException(nameof(MaximumTokens), $"MaximumTokens must be at least 1, but is {MaximumTokens}.");
    }
}
