using Microsoft.Extensions.AI;
using Microsoft.Extensions.Options;
using MLNetLlm.Models;
using MLNetLlm.Services;

namespace ChatService.OpenAi;

/// <summary><c>POST /v1/chat/completions</c></summary>
internal static class ChatCompletionsEndpoint
{
    public static async Task<IResult> HandleAsync(
        HttpContext context, IChatClient client, LanguageModelHost host, IOptions<LanguageModelOptions> limits, ServiceSettings settings, EventStream stream)
    {
        var request = await RequestBody.ReadAsync(context, OpenAiJson.Default.ChatCompletionRequest);
        SamplingRules.RequireModel(request.Model, host);
        var options = SamplingRules.OptionsOf(request, host, limits.Value);
        var messages = Messages.Of(request);
        var clientGone = context.RequestAborted;
        var chunks = BoundedTexts.ReadAsync(deadline => Generate(client, messages, options, deadline), settings.RequestTimeout, clientGone);
        var (id, created) = ($"chatcmpl-{Guid.NewGuid():N}", DateTimeOffset.UtcNow.ToUnixTimeSeconds());
        var tokenizer = host.Model.Tokenizer;
        if (request.Stream == true)
        {
            var events = EventsAsync(chunks, new ChatCompletionChunk(id, created, host.ModelId, []), tokenizer, request.StreamOptions?.IncludeUsage == true);
            return await stream.StartAsync(events, OpenAiJson.Default.ChatCompletionChunk, clientGone);
        }

        var text = await CompletionText.ReadAsync(chunks);
        var logprobs = options.LogProbabilities is null ? null : Logprobs.ForChat(text.LogProbabilities, tokenizer);
        return Results.Json(
            new ChatCompletion(id, created, host.ModelId, [new ChatChoice(0, new AssistantMessage(text.Text), text.FinishReason, logprobs)], text.Usage),
            OpenAiJson.Default.ChatCompletion);
    }

    // The request is in double precision and knows more than ChatOptions do; the client takes the engine's own options too.
    private static IAsyncEnumerable<GeneratedChunk> Generate(
        IChatClient client, IReadOnlyList<ChatMessage> messages, GenerationOptions options, CancellationToken deadline)
    {
        try
        {
            return client.GetStreamingResponseAsync(messages, new ChatOptions { RawRepresentationFactory = _ => options }, deadline)
                .Select(update => (GeneratedChunk)update.RawRepresentation!);
        }
        catch (ConversationTooLongException exception)
        {
            throw new FailureException(Failure.ContextTooShort(exception.Message, "messages"));
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            throw new FailureException(Failure.Invalid(exception.Message, "messages"));
        }
    }

    private static async IAsyncEnumerable<ChatCompletionChunk> EventsAsync(
        IAsyncEnumerable<GeneratedChunk> chunks, ChatCompletionChunk empty, TextTokenizer tokenizer, bool withUsage)
    {
        var isFirst = true;
        await foreach (var chunk in chunks)
        {
            if (isFirst)
            {
                yield return empty with { Choices = [new ChatChunkChoice(0, new ChatDelta("assistant", ""))] };
                isFirst = false;
            }

            if (chunk.Text.Length > 0 || chunk.LogProbabilities is { Count: > 0 })
            {
                yield return empty with { Choices = [new ChatChunkChoice(0, new ChatDelta(Content: chunk.Text), Logprobs: Logprobs.ForChat(chunk.LogProbabilities, tokenizer))] };
            }

            if (chunk.FinishReason is { } reason)
            {
                yield return empty with { Choices = [new ChatChunkChoice(0, new ChatDelta(), CompletionText.NameOf(reason))] };
                if (withUsage)
                {
                    yield return empty with { Usage = CompletionText.UsageOf(chunk) };
                }
            }
        }
    }
}
