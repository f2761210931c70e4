namespace MLNetLlm.Models;

/// <summary>
/// Writes responses to conversations: the only place where chats and instructions meet the generation engine. Any number of
/// threads may use one; the network must be in evaluation mode.
/// </summary>
public sealed class ResponseGenerator
{
    private readonly GenerationOptions options;
    private readonly TextGenerator generator;

    /// <summary>Uses a model, which stays the caller's.</summary>
    /// <param name="model">Its tokenizer must have the template's special tokens.</param>
    /// <param name="template">How the model was taught to see conversations.</param>
    /// <param name="options">How responses are written; they end where the template's do too.</param>
    /// <param name="maximumBatchSize">Most responses that are written at once.</param>
    /// <exception cref="ArgumentException">The template or an option is not valid, or the template does not fit the model.</exception>
    /// <exception cref="NotSupportedException">The network looks both ways (BERT) and cannot write.</exception>
    public ResponseGenerator(LanguageModel model, ChatTemplate template, GenerationOptions options, int maximumBatchSize = 32)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        Encoder = new ChatEncoder(model.Tokenizer, template);
        generator = new TextGenerator(model, maximumBatchSize);
        this.options = options with
        {
            StopTokenIds = [.. options.StopTokenIds.Union(Encoder.StopIds)],
            StopStrings = [.. options.StopStrings.Union(Encoder.StopStrings)],
            // A prompt must not slide out of the context while its response is written.
            ContextOverflow = ContextOverflow.Stop,
        };
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
        return ChatWindow.FitCut(Encoder, turns, MaximumPromptTokens);
    }

    /// <summary>Writes responses, to all prompts together.</summary>
    /// <param name="prompts">Of any lengths, each at most <see cref="MaximumPromptTokens"/>.</param>
    /// <param name="cancellationToken">Ends the work between two tokens.</param>
    /// <returns>A response to each.</returns>
    /// <exception cref="ArgumentException">A prompt is longer than the context.</exception>
    public IReadOnlyList<GeneratedText> Respond(IReadOnlyList<int[]> prompts, CancellationToken cancellationToken = default) =>
        generator.Generate(prompts, options, cancellationToken);

    /// <summary>Writes a response and gives it out as it is written.</summary>
    /// <inheritdoc cref="TextGenerator.StreamAsync(int[], GenerationOptions?, CancellationToken)"/>
    public IAsyncEnumerable<GeneratedChunk> StreamAsync(int[] prompt, CancellationToken cancellationToken = default) =>
        generator.StreamAsync(prompt, options, cancellationToken);
}
