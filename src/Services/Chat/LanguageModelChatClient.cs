using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using MLNetLlm.Models;

namespace MLNetLlm.Services;

/// <summary>
/// Chats with a language model in the process: an <see cref="IChatClient"/> over a <see cref="GenerationScheduler"/>, which
/// writes the replies of all callers together. Any number of threads may use one.
/// </summary>
/// <remarks>
/// <para>Of <see cref="ChatOptions"/> it honours Temperature, TopP, TopK, MaxOutputTokens, StopSequences, FrequencyPenalty,
/// PresencePenalty, Seed, Instructions and ModelId; RawRepresentationFactory may give a <see cref="GenerationOptions"/> for all
/// that the engine can do besides. Response formats other than text, tools, reasoning and stored conversations are refused.</para>
/// <para>Finish reasons: <c>stop</c> where the model or a stop sequence ended the reply, <c>length</c> by the limit of tokens or
/// of the context, <c>cancelled</c> where the service shut down. The raw representations are <see cref="GeneratedChunk"/> and
/// <see cref="GeneratedText"/>.</para>
/// </remarks>
public sealed class LanguageModelChatClient : IChatClient
{
    private readonly GenerationScheduler scheduler;
    private readonly ChatEncoder encoder;
    private readonly ChatClientSettings settings;
    private readonly ChatClientMetadata metadata;
    private readonly bool ownsScheduler;

    internal LanguageModelChatClient(GenerationScheduler scheduler, ChatTemplate template, ChatClientSettings? settings, bool ownsScheduler)
    {
        ArgumentNullException.ThrowIfNull(scheduler);
        this.settings = settings ?? new ChatClientSettings();
        this.settings.Validate();
        encoder = new ChatEncoder(scheduler.Model.Tokenizer, template);
        metadata = new ChatClientMetadata(Traces.ProviderName, defaultModelId: this.settings.ModelId);
        this.scheduler = scheduler;
        this.ownsScheduler = ownsScheduler;
    }

    /// <summary>Replies to a conversation.</summary>
    /// <param name="messages">Perhaps the system's, then the user's and the assistant's; the last is the user's. Text only.</param>
    /// <param name="options">How to reply.</param>
    /// <param name="cancellationToken">Ends the writing within a token.</param>
    /// <exception cref="ArgumentException">An option is out of range, the messages are in an order that no template has, or they do not fit the context.</exception>
    /// <exception cref="NotSupportedException">An option, a role or a kind of content is not supported; the message names it.</exception>
    /// <exception cref="SchedulerFullException">Too many requests wait already.</exception>
    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var request = Read(messages, options);
        var text = new System.Text.StringBuilder();
        var ids = new List<int>();
        var probabilities = new List<TokenLogProbability>();
        GeneratedChunk? last = null;
        await foreach (var chunk in GenerateAsync(request, cancellationToken).ConfigureAwait(false))
        {
            text.Append(chunk.Text);
            ids.AddRange(chunk.TokenIds);
            probabilities.AddRange(chunk.LogProbabilities ?? []);
            last = chunk;
        }

        var finish = last!.FinishReason!.Value;
        return new ChatResponse(new ChatMessage(ChatRole.Assistant, text.ToString()) { MessageId = request.ResponseId, CreatedAt = request.CreatedAt })
        {
            ResponseId = request.ResponseId,
            ModelId = settings.ModelId,
            CreatedAt = request.CreatedAt,
            FinishReason = FinishReasons.Of(finish),
            Usage = Usage(last),
            AdditionalProperties = Additional(request),
            RawRepresentation = new GeneratedText(
                text.ToString(), ids, finish, last.PromptTokens, request.Generation.LogProbabilities is null ? null : probabilities),
        };
    }

    /// <summary>Replies to a conversation, and gives the reply out as it is written.</summary>
    /// <returns>
    /// Pieces of the reply; the last has the finish reason and the usage. The request is checked by the call and queued by the
    /// first read, which is where a <see cref="SchedulerFullException"/> comes. To stop reading ends the writing.
    /// </returns>
    /// <inheritdoc cref="GetResponseAsync"/>
    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        StreamAsync(Read(messages, options), cancellationToken);

    /// <summary>The parts: <see cref="ChatClientMetadata"/>, <see cref="LanguageModel"/>, <see cref="GenerationScheduler"/>, <see cref="ChatTemplate"/> or this client.</summary>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : new object[] { this, metadata, scheduler.Model, scheduler, encoder.Template }.FirstOrDefault(serviceType.IsInstanceOfType);
    }

    /// <summary>Ends all replies, if the client was made from a model; a scheduler that it was made from stays as it is.</summary>
    public void Dispose()
    {
        if (ownsScheduler)
        {
            scheduler.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    }

    private ChatRequest Read(IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        var generation = ChatOptionsReader.Read(options, settings, this);
        return ChatRequest.Create(encoder, ConversationReader.Read(messages, options?.Instructions), generation, scheduler.SlotCapacity, settings.Overflow);
    }

    private async IAsyncEnumerable<ChatResponseUpdate> StreamAsync(ChatRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var chunk in GenerateAsync(request, cancellationToken).ConfigureAwait(false))
        {
            var update = new ChatResponseUpdate(ChatRole.Assistant, chunk.Text)
            {
                ResponseId = request.ResponseId,
                MessageId = request.ResponseId,
                ModelId = settings.ModelId,
                CreatedAt = request.CreatedAt,
                RawRepresentation = chunk,
            };
            if (chunk.FinishReason is { } finish)
            {
                update.FinishReason = FinishReasons.Of(finish);
                update.Contents.Add(new UsageContent(Usage(chunk)));
                update.AdditionalProperties = Additional(request);
            }

            yield return update;
        }
    }

    private async IAsyncEnumerable<GeneratedChunk> GenerateAsync(ChatRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var trace = GenerativeTrace.Start("chat", settings.ModelId);
        request.Describe(trace);
        await using var chunks = Submit(request, trace, cancellationToken);
        while (await NextAsync(chunks, trace).ConfigureAwait(false))
        {
            if (chunks.Current.FinishReason is { } finish)
            {
                trace.Tag("gen_ai.response.finish_reasons", new[] { FinishReasons.Of(finish).Value });
                trace.Tag("gen_ai.usage.input_tokens", chunks.Current.PromptTokens);
                trace.Tag("gen_ai.usage.output_tokens", chunks.Current.NewTokens);
                trace.Succeed();
            }

            yield return chunks.Current;
        }
    }

    private IAsyncEnumerator<GeneratedChunk> Submit(ChatRequest request, GenerativeTrace trace, CancellationToken cancellationToken)
    {
        try
        {
            return scheduler.GenerateAsync(request.Prompt, request.Generation, cancellationToken).GetAsyncEnumerator(cancellationToken);
        }
        catch (Exception exception)
        {
            trace.Fail(exception);
            throw;
        }
    }

    private static async ValueTask<bool> NextAsync(IAsyncEnumerator<GeneratedChunk> chunks, GenerativeTrace trace)
    {
        try
        {
            return await chunks.MoveNextAsync().ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            trace.Fail(exception);
            throw;
        }
    }

    private static UsageDetails Usage(GeneratedChunk last) => new()
    {
        InputTokenCount = last.PromptTokens,
        OutputTokenCount = last.NewTokens,
        TotalTokenCount = last.PromptTokens + last.NewTokens,
    };

    private static AdditionalPropertiesDictionary? Additional(ChatRequest request) =>
        request.DroppedTurns == 0 ? null : new AdditionalPropertiesDictionary { ["dropped_turns"] = request.DroppedTurns };
}
