using MLNetLlm.Models;

namespace ChatService.OpenAi;

/// <summary><c>POST /v1/chat/completions</c></summary>
internal static class ChatCompletionsEndpoint
{
    public static async Task<IResult> HandleAsync(HttpContext context, ChatModel model, ILogger<ChatModel> logger)
    {
        var request = await RequestBody.ReadAsync(context, OpenAiJson.Default.ChatCompletionRequest);
        SamplingRules.RequireModel(request.Model, model);
        var options = SamplingRules.OptionsOf(request, model);
        var chunks = model.Generate(Prompts.Of(request, model), options, context.RequestAborted);
        var (id, created) = ($"chatcmpl-{Guid.NewGuid():N}", DateTimeOffset.UtcNow.ToUnixTimeSeconds());
        if (request.Stream == true)
        {
            var events = EventsAsync(chunks, new ChatCompletionChunk(id, created, model.Name, []), model.LanguageModel.Tokenizer, request.StreamOptions?.IncludeUsage == true);
            return EventStream.Of(context, events, OpenAiJson.Default.ChatCompletionChunk, logger);
        }

        var text = await CompletionText.ReadAsync(chunks);
        var logprobs = options.LogProbabilities is null ? null : Logprobs.ForChat(text.LogProbabilities, model.LanguageModel.Tokenizer);
        return Results.Json(
            new ChatCompletion(id, created, model.Name, [new ChatChoice(0, new AssistantMessage(text.Text), text.FinishReason, logprobs)], text.Usage),
            OpenAiJson.Default.ChatCompletion);
    }

    private static async IAsyncEnumerable<ChatCompletionChunk> EventsAsync(
        IAsyncEnumerable<GeneratedChunk> chunks, ChatCompletionChunk empty, TextTokenizer tokenizer, bool withUsage)
    {
        yield return empty with { Choices = [new ChatChunkChoice(0, new ChatDelta("assistant", ""))] };
        await foreach (var chunk in chunks)
        {
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
