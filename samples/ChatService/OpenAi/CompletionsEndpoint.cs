using MLNetLlm.Models;

namespace ChatService.OpenAi;

/// <summary><c>POST /v1/completions</c>: continues a text, without any template.</summary>
internal static class CompletionsEndpoint
{
    public static async Task<IResult> HandleAsync(HttpContext context, ChatModel model, ILogger<ChatModel> logger)
    {
        var request = await RequestBody.ReadAsync(context, OpenAiJson.Default.CompletionRequest);
        SamplingRules.RequireModel(request.Model, model);
        var options = SamplingRules.OptionsOf(request, model);
        var chunks = model.Generate(Prompts.Of(request, model), options, context.RequestAborted);
        var empty = new Completion($"cmpl-{Guid.NewGuid():N}", DateTimeOffset.UtcNow.ToUnixTimeSeconds(), model.Name, []);
        var tokenizer = model.LanguageModel.Tokenizer;
        if (request.Stream == true)
        {
            return EventStream.Of(context, EventsAsync(chunks, empty, tokenizer, request.StreamOptions?.IncludeUsage == true), OpenAiJson.Default.Completion, logger);
        }

        var text = await CompletionText.ReadAsync(chunks);
        var logprobs = options.LogProbabilities is null ? null : Logprobs.ForCompletion(text.LogProbabilities, tokenizer, 0);
        return Results.Json(
            empty with { Choices = [new CompletionChoice(0, text.Text, text.FinishReason, logprobs)], Usage = text.Usage }, OpenAiJson.Default.Completion);
    }

    private static async IAsyncEnumerable<Completion> EventsAsync(
        IAsyncEnumerable<GeneratedChunk> chunks, Completion empty, TextTokenizer tokenizer, bool withUsage)
    {
        var textBefore = 0;
        await foreach (var chunk in chunks)
        {
            var logprobs = Logprobs.ForCompletion(chunk.LogProbabilities, tokenizer, textBefore);
            yield return empty with { Choices = [new CompletionChoice(0, chunk.Text, CompletionText.NameOf(chunk.FinishReason), logprobs)] };
            textBefore += chunk.Text.Length;
            if (chunk.FinishReason is not null && withUsage)
            {
                yield return empty with { Usage = CompletionText.UsageOf(chunk) };
            }
        }
    }
}
