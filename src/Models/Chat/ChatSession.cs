namespace MLNetLlm.Models;

/// <summary>What happens when a conversation grows longer than the model's context.</summary>
public enum ContextOverflow
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
    public ContextOverflow Overflow { get; init; } = ContextOverflow.DropOldestTurns;
}

/// <summary>A reply of the assistant.</summary>
/// <param name="Text">What it says.</param>
/// <param name="IsComplete">Whether the model ended it; otherwise it ran into the limit of new tokens or the end of the context.</param>
/// <param name="DroppedTurns">Turns that were forgotten to make room, oldest first; mostly none.</param>
public sealed record ChatReply(string Text, bool IsComplete, IReadOnlyList<ChatTurn> DroppedTurns);

/// <summary>A conversation with a language model. The history belongs to one user; many sessions can share a model.</summary>
/// <remarks>One thread at a time may use a session; the model must be in evaluation mode and stays the caller's.</remarks>
public sealed class ChatSession
{
    private readonly ChatSessionOptions options;
    private readonly ResponseGenerator generator;
    private readonly List<ChatTurn> history = [];

    /// <summary>Begins a conversation.</summary>
    /// <param name="model">Its tokenizer must have the template's special tokens, as that of a model tuned with it has.</param>
    /// <param name="template">How the model was taught to see conversations.</param>
    /// <param name="options">Settings.</param>
    /// <exception cref="ArgumentException">The template or a setting is not valid, or does not fit the model.</exception>
    public ChatSession(LanguageModel model, ChatTemplate template, ChatSessionOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        this.options = options ?? new ChatSessionOptions();
        generator = new ResponseGenerator(model, template, this.options.Generation ?? new GenerationOptions { MaximumNewTokens = 128 });
        if (this.options.SystemPrompt is not null && template.System is null)
        {
            throw new ArgumentException($"A SystemPrompt was given, but the template '{template.Name}' has no place for one.", nameof(options));
        }
    }

    /// <summary>The turns that the model still sees, oldest first, without the system's.</summary>
    public IReadOnlyList<ChatTurn> History => history;

    /// <summary>Says something and gets the assistant's reply.</summary>
    /// <param name="message">What the user says; spellings of special tokens in it are ordinary text.</param>
    /// <param name="cancellationToken">Ends the writing; the conversation stays as it was.</param>
    /// <exception cref="ArgumentException">
    /// The message is empty or, with the system prompt, leaves no room for a reply; or the conversation is too long and
    /// <see cref="ContextOverflow.Refuse"/> was chosen. The message says how many tokens there were and how many fit.
    /// </exception>
    /// <exception cref="OperationCanceledException">The writing was cancelled.</exception>
    public ChatReply Reply(string message, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(message);
        ChatTurn[] turns = [.. SystemTurn(), .. history, ChatTurn.User(message)];
        var prompt = options.Overflow == ContextOverflow.Refuse
            ? new FittedPrompt(generator.Encoder.Encode(turns).Ids, [])
            : ContextWindow.Fit(generator.Encoder, turns, generator.MaximumPromptTokens);
        if (prompt.Ids.Length > generator.MaximumPromptTokens)
        {
            throw new ArgumentException(
                $"The {(options.Overflow == ContextOverflow.Refuse ? "conversation" : "message")} needs {prompt.Ids.Length} tokens, but the "
                + $"context has room for {generator.MaximumPromptTokens} before the reply.",
                nameof(message));
        }

        var response = generator.Respond([prompt.Ids], cancellationToken)[0];
        history.RemoveRange(0, prompt.Dropped.Count);
        history.Add(ChatTurn.User(message));
        // A model may have nothing to say. Such an exchange cannot be written by the template again, and teaches nothing.
        if (string.IsNullOrWhiteSpace(response.Text))
        {
            history.RemoveAt(history.Count - 1);
        }
        else
        {
            history.Add(ChatTurn.Assistant(response.Text));
        }

        return new ChatReply(response.Text, response.IsComplete, prompt.Dropped);
    }

    /// <summary>Forgets the conversation; the system's turn stays.</summary>
    public void Clear() => history.Clear();

    private IEnumerable<ChatTurn> SystemTurn() => options.SystemPrompt is { } prompt ? [ChatTurn.System(prompt)] : [];
}
