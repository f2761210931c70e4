namespace MLNetLlm.Models;

/// <summary>What a model wrote in answer to a prompt.</summary>
/// <param name="Text">The response, without what ended it.</param>
/// <param name="TokenCount">Tokens of the response.</param>
/// <param name="IsComplete">Whether the model ended it, rather than the limit of tokens or of the context.</param>
public sealed record GeneratedResponse(string Text, int TokenCount, bool IsComplete);

/// <summary>
/// Writes responses to conversations: the only place where chats and instructions meet the generation engine. Any number of
/// threads may use one; the network must be in evaluation mode.
/// </summary>
public sealed class ResponseGenerator
{
    private readonly LanguageModel model;
    private readonly GenerationOptions options;
    private readonly TextGenerator generator;

    /// <summary>Uses a model, which stays the caller's.</summary>
    /// <param name="model">Its tokenizer must have the template's special tokens.</param>
    /// <param name="template">How the model was taught to see conversations.</param>
    /// <param name="options">How responses are written.</param>
    /// <exception cref="ArgumentException">The template or an option is not valid, or the template does not fit the model.</exception>
    public ResponseGenerator(LanguageModel model, ChatTemplate template, GenerationOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        this.model = model;
        this.options = options;
        Encoder = new ChatEncoder(model.Tokenizer, template);
        generator = new TextGenerator(model);
        MaximumPromptTokens = model.Config.ContextLength - Math.Min(options.MaximumNewTokens, model.Config.ContextLength / 2);
    }

    /// <summary>Writes conversations as token ids.</summary>
    public ChatEncoder Encoder { get; }

    /// <summary>Most tokens of a prompt: the context less the room for a response, which is half of it at most.</summary>
    public int MaximumPromptTokens { get; }

    /// <summary>
    /// The prompt for a conversation, made to fit: the oldest exchanges are left out, and then the end of the last turn is cut.
    /// </summary>
    /// <param name="turns">The last is the user's.</param>
    /// <param name="tokensNeeded">How long the whole prompt would be.</param>
    /// <returns>At most <see cref="MaximumPromptTokens"/> ids.</returns>
    /// <exception cref="InvalidOperationException">The template and the system's turn alone are too long.</exception>
    public int[] Prompt(IReadOnlyList<ChatTurn> turns, out int tokensNeeded)
    {
        tokensNeeded = Encoder.Encode(turns).Ids.Length;
        return ContextWindow.FitCut(Encoder, turns, MaximumPromptTokens);
    }

    /// <summary>Writes responses.</summary>
    /// <param name="prompts">Of any lengths, each shorter than the context.</param>
    /// <param name="cancellationToken">Ends the work between two tokens.</param>
    /// <returns>A response to each.</returns>
    public IReadOnlyList<GeneratedResponse> Respond(IReadOnlyList<int[]> prompts, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        var responses = new GeneratedResponse[prompts.Count];
        // A prompt must not slide out of the context while its response is written.
        foreach (var group in Enumerable.Range(0, prompts.Count).GroupBy(RoomFor))
        {
            var limited = options with { MaximumNewTokens = group.Key };
            var written = generator.Continue(group.Select(index => prompts[index]).ToArray(), limited, cancellationToken);
            foreach (var (index, ids) in group.Zip(written))
            {
                responses[index] = Cut(ids, group.Key);
            }
        }

        return responses;

        int RoomFor(int index) => Math.Min(options.MaximumNewTokens, model.Config.ContextLength - prompts[index].Length);
    }

    private GeneratedResponse Cut(int[] ids, int limit)
    {
        var stop = Array.FindIndex(ids, Encoder.StopIds.Contains);
        var kept = stop < 0 ? ids : ids[..stop];
        var text = Encoder.Tokenizer.Decode(kept, skipSpecialTokens: true);
        var end = Encoder.StopStrings.Select(mark => text.IndexOf(mark, StringComparison.Ordinal)).Where(index => index >= 0).DefaultIfEmpty(-1).Min();
        return new GeneratedResponse(end < 0 ? text : text[..end], kept.Length, stop >= 0 || end >= 0 || ids.Length < limit);
    }
}
