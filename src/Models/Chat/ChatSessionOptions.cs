namespace MLNetLlm.Models;

/// <summary>What happens when a conversation grows longer than the model's context.</summary>
public enum ChatOverflow
{
    /// <summary>The oldest exchanges are forgotten, whole, until the rest fits; the reply tells which. The system's turn stays.</summary>
    DropOldestTurns,

    /// <summary>The message is refused and the conversation stays as it was.</summary>
    Refuse,
}

/// <summary>Settings of <see cref="ChatSession"/>.</summary>
public sealed record ChatSessionOptions
{
    /// <summary>How the assistant is to behave; <see langword="null"/> is the template's default.</summary>
    public string? SystemPrompt { get; init; }

    /// <summary>
    /// How replies are written; <see langword="null"/> takes the likeliest tokens, 128 at most, or what the transformer was
    /// trained with that the chat was started from.
    /// </summary>
    public GenerationOptions? Generation { get; init; }

    /// <summary>What happens when the conversation no longer fits the context.</summary>
    public ChatOverflow Overflow { get; init; } = ChatOverflow.DropOldestTurns;
}

/// <summary>A reply of the assistant.</summary>
/// <param name="Text">What it says.</param>
/// <param name="FinishReason">Why it ends there: because the model ended it, or by the limit of new tokens or of the context.</param>
/// <param name="DroppedTurns">Turns that were forgotten to make room, oldest first; mostly none.</param>
public sealed record ChatReply(string Text, FinishReason FinishReason, IReadOnlyList<ChatTurn> DroppedTurns);

/// <summary>A piece of a reply.</summary>
/// <param name="Text">What it adds.</param>
/// <param name="FinishReason">Why the reply ended; <see langword="null"/> in all pieces but the last.</param>
/// <param name="DroppedTurns">In the last piece the turns that were forgotten to make room, oldest first; mostly none.</param>
public sealed record ChatChunk(string Text, FinishReason? FinishReason, IReadOnlyList<ChatTurn> DroppedTurns);
