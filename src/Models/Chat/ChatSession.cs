using System.Runtime.CompilerServices;
using System.Text;

namespace MLNetLlm.Models;

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
    /// <see cref="ChatOverflow.Refuse"/> was chosen. The message says how many tokens there were and how many fit.
    /// </exception>
    /// <exception cref="OperationCanceledException">The writing was cancelled.</exception>
    public ChatReply Reply(string message, CancellationToken cancellationToken = default)
    {
        var prompt = Prompt(message);
        var response = generator.Respond([prompt.Ids], cancellationToken)[0];
        Remember(message, response.Text, prompt);
        return new ChatReply(response.Text, response.FinishReason, prompt.Dropped);
    }

    /// <summary>Says something and gets the assistant's reply as it is written.</summary>
    /// <param name="message">What the user says; spellings of special tokens in it are ordinary text.</param>
    /// <param name="cancellationToken">Ends the writing within a token. Then, and when reading stops early, the conversation stays as it was.</param>
    /// <returns>Pieces of the reply; the last one says why it ended, and which turns were forgotten.</returns>
    /// <inheritdoc cref="Reply" path="/exception"/>
    public async IAsyncEnumerable<ChatChunk> ReplyStreamingAsync(string message, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var prompt = Prompt(message);
        var reply = new StringBuilder();
        await foreach (var chunk in generator.StreamAsync(prompt.Ids, cancellationToken).ConfigureAwait(false))
        {
            reply.Append(chunk.Text);
            if (chunk.FinishReason is not null)
            {
                Remember(message, reply.ToString(), prompt);
            }

            yield return new ChatChunk(chunk.Text, chunk.FinishReason, chunk.FinishReason is null ? [] : prompt.Dropped);
        }
    }

    /// <summary>Forgets the conversation; the system's turn stays.</summary>
    public void Clear() => history.Clear();

    private FittedPrompt Prompt(string message)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(message);
        ChatTurn[] turns = [.. SystemTurn(), .. history, ChatTurn.User(message)];
        var prompt = options.Overflow == ChatOverflow.Refuse
            ? new FittedPrompt(generator.Encoder.Encode(turns).Ids, [])
            : ChatWindow.Fit(generator.Encoder, turns, generator.MaximumPromptTokens);
        return prompt.Ids.Length <= generator.MaximumPromptTokens ? prompt : throw new ArgumentException(
            $"The {(options.Overflow == ChatOverflow.Refuse ? "conversation" : "message")} needs {prompt.Ids.Length} tokens, but the "
            + $"context has room for {generator.MaximumPromptTokens} before the reply.",
            nameof(message));
    }

    private void Remember(string message, string reply, FittedPrompt prompt)
    {
        history.RemoveRange(0, prompt.Dropped.Count);
        // A model may have nothing to say. Such an exchange cannot be written by the template again.
        if (!string.IsNullOrWhiteSpace(reply))
        {
            history.Add(ChatTurn.User(message));
            history.Add(ChatTurn.Assistant(reply));
        }
    }

    private IEnumerable<ChatTurn> SystemTurn() => options.SystemPrompt is { } prompt ? [ChatTurn.System(prompt)] : [];
}
