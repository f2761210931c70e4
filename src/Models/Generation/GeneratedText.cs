namespace MLNetLlm.Models;

/// <summary>Why a text ended.</summary>
public enum FinishReason
{
    /// <summary>The model wrote its end-of-text token or one of <see cref="GenerationOptions.StopTokenIds"/>.</summary>
    StopToken,

    /// <summary>One of <see cref="GenerationOptions.StopStrings"/> was written.</summary>
    StopString,

    /// <summary><see cref="GenerationOptions.MaximumNewTokens"/> were written.</summary>
    Length,

    /// <summary>The context is full, and <see cref="GenerationOptions.ContextOverflow"/> says to stop then.</summary>
    ContextOverflow,

    /// <summary>Whoever ran it ended it: a service that shuts down.</summary>
    Cancelled,
}

/// <summary>How likely the model found a token, before temperature, penalties and bias.</summary>
/// <param name="TokenId">The token.</param>
/// <param name="LogProbability">Natural logarithm of its probability.</param>
/// <param name="Alternatives">The likeliest tokens at its place, likeliest first, where they were asked for.</param>
public sealed record TokenLogProbability(int TokenId, double LogProbability, IReadOnlyList<TokenAlternative> Alternatives);

/// <summary>A token that could have been written.</summary>
/// <param name="TokenId">The token.</param>
/// <param name="LogProbability">Natural logarithm of its probability.</param>
public readonly record struct TokenAlternative(int TokenId, double LogProbability);

/// <summary>What a model wrote after a prompt.</summary>
/// <param name="Text">The text, without the prompt, special tokens, and what ended it.</param>
/// <param name="TokenIds">The tokens that were written, without the stop token; those of a stop string are among them.</param>
/// <param name="FinishReason">Why it ended.</param>
/// <param name="PromptTokens">Tokens of the prompt that were read.</param>
/// <param name="LogProbabilities">One for each of the ids, where they were asked for.</param>
public sealed record GeneratedText(
    string Text,
    IReadOnlyList<int> TokenIds,
    FinishReason FinishReason,
    int PromptTokens,
    IReadOnlyList<TokenLogProbability>? LogProbabilities)
{
    /// <summary>Tokens of the prompt that were left out, because it is longer than the context.</summary>
    public int DroppedPromptTokens { get; init; }
}

/// <summary>What a model wrote since the last chunk. The texts of all chunks, put together, are the whole text.</summary>
/// <param name="Text">New text: whole characters, and nothing that may become part of a stop string.</param>
/// <param name="TokenIds">The tokens since the last chunk.</param>
/// <param name="LogProbabilities">One for each of the ids, where they were asked for.</param>
/// <param name="FinishReason">Why the text ended; <see langword="null"/> in all chunks but the last.</param>
public sealed record GeneratedChunk(
    string Text, IReadOnlyList<int> TokenIds, IReadOnlyList<TokenLogProbability>? LogProbabilities, FinishReason? FinishReason)
{
    /// <summary>Tokens of the prompt that were read.</summary>
    public required int PromptTokens { get; init; }

    /// <summary>Tokens of the prompt that were left out, because it is longer than the context.</summary>
    public int DroppedPromptTokens { get; init; }

    /// <summary>Tokens written so far, those of this chunk included.</summary>
    public required int NewTokens { get; init; }
}
