using System.Text.Json;
using Microsoft.Extensions.Options;
using MLNetLlm.Models;
using MLNetLlm.Services;

namespace ChatService.OpenAi;

/// <summary><c>POST /v1/completions</c>: continues a text, without any template.</summary>
internal static class CompletionsEndpoint
{
    public static async Task<IResult> HandleAsync(
        HttpContext context, LanguageModelHost host, IOptions<LanguageModelOptions> limits, ServiceSettings settings, EventStream stream)
    {
        var request = await RequestBody.ReadAsync(context, OpenAiJson.Default.CompletionRequest);
        SamplingRules.RequireModel(request.Model, host);
        var options = SamplingRules.OptionsOf(request, host, limits.Value);
        var prompt = PromptOf(request.Prompt, host);
        var clientGone = context.RequestAborted;
        var chunks = BoundedTexts.ReadAsync(deadline => host.Scheduler.GenerateAsync(prompt, options, deadline), settings.RequestTimeout, clientGone);
        var empty = new Completion($"cmpl-{Guid.NewGuid():N}", DateTimeOffset.UtcNow.ToUnixTimeSeconds(), host.ModelId, []);
        var tokenizer = host.Model.Tokenizer;
        if (request.Stream == true)
        {
            var events = EventsAsync(chunks, empty, tokenizer, request.StreamOptions?.IncludeUsage == true);
            return await stream.StartAsync(events, OpenAiJson.Default.Completion, clientGone);
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

    /// <exception cref="FailureException">It is neither a text nor token ids, or too long.</exception>
    private static int[] PromptOf(JsonElement prompt, LanguageModelHost host)
    {
        if (prompt.ValueKind == JsonValueKind.Array && prompt.GetArrayLength() == 1 && prompt[0].ValueKind is JsonValueKind.String or JsonValueKind.Array)
        {
            prompt = prompt[0];
        }

        var tokenizer = host.Model.Tokenizer;
        int[] ids = prompt.ValueKind switch
        {
            JsonValueKind.String => tokenizer.Encode(prompt.GetString()!),
            JsonValueKind.Array => [.. prompt.EnumerateArray().Select(element => TokenId(element, tokenizer.VocabularySize))],
            JsonValueKind.Undefined or JsonValueKind.Null => [],
            _ => throw Invalid("'prompt' must be a text, or an array of token ids."),
        };
        if (ids.Length == 0 && tokenizer.BeginningOfTextId is null && tokenizer.EndOfTextId is null)
        {
            throw Invalid("'prompt' must not be empty for this model.");
        }

        var capacity = host.Scheduler.SlotCapacity;
        return ids.Length < capacity ? ids : throw new FailureException(Failure.ContextTooShort(
            $"'prompt' has {ids.Length} tokens, but the context holds {capacity}, what is to be written included.", "prompt"));
    }

    private static int TokenId(JsonElement element, int vocabularySize) =>
        element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out var id) && id >= 0 && id < vocabularySize
            ? id
            : throw Invalid($"'prompt' must be one text, or token ids from 0 to {vocabularySize - 1}; send several prompts one by one.");

    private static FailureException Invalid(string message) => new(Failure.Invalid(message, "prompt"));
}
