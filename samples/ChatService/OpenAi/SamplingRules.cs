using System.Globalization;
using System.Text.Json;
using MLNetLlm.Models;
using MLNetLlm.Services;

namespace ChatService.OpenAi;

/// <summary>Turns a request's settings into those of the generation engine, and refuses what it cannot honour.</summary>
internal static class SamplingRules
{
    private const int MostStops = 4;
    private const int MostTopLogprobs = 20;
    private const int MostCompletionLogprobs = 5;

    /// <summary>Settings that would change the answer if they could be honoured; each with the one value that asks for nothing.</summary>
    private static readonly (string Name, Func<JsonElement, bool> AsksForNothing, string Supported)[] NotSupported =
    [
        ("tools", IsEmptyList, "this model calls no tools"),
        ("functions", IsEmptyList, "this model calls no functions"),
        ("response_format", IsPlainText, "only the type 'text'"),
        ("modalities", IsOnlyText, "only ['text']"),
        ("audio", _ => false, "this model writes text only"),
        ("prediction", _ => false, "leave it out"),
        ("web_search_options", _ => false, "this model searches nothing"),
        ("suffix", element => element.ValueKind == JsonValueKind.String && element.GetString() is "", "this model writes at the end of a text only"),
        ("best_of", element => element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out var count) && count == 1, "only 1"),
        ("echo", element => element.ValueKind == JsonValueKind.False, "only false"),
    ];

    public static GenerationOptions OptionsOf(ChatCompletionRequest request, LanguageModelHost host, LanguageModelOptions limits)
    {
        Require(request.TopLogprobs is null || request.Logprobs == true, "top_logprobs", "needs 'logprobs' to be true");
        Require(request.TopLogprobs is null or (>= 0 and <= MostTopLogprobs), "top_logprobs", $"must be 0 to {MostTopLogprobs}");
        return OptionsOf(request, host, limits, request.MaxCompletionTokens, "max_completion_tokens", request.Logprobs == true ? request.TopLogprobs ?? 0 : null);
    }

    public static GenerationOptions OptionsOf(CompletionRequest request, LanguageModelHost host, LanguageModelOptions limits)
    {
        Require(request.Logprobs is null or (>= 0 and <= MostCompletionLogprobs), "logprobs", $"must be 0 to {MostCompletionLogprobs}");
        return OptionsOf(request, host, limits, null, "max_tokens", request.Logprobs);
    }

    /// <exception cref="FailureException">The model is not this service's.</exception>
    public static void RequireModel(string? name, LanguageModelHost host)
    {
        Require(!string.IsNullOrEmpty(name), "model", "is missing");
        if (name != host.ModelId)
        {
            throw new FailureException(new Failure(
                StatusCodes.Status404NotFound, "model_not_found", $"The model '{name}' does not exist here; this service has '{host.ModelId}'.", "model"));
        }
    }

    private static GenerationOptions OptionsOf(
        SamplingRequest request, LanguageModelHost host, LanguageModelOptions limits, int? maximum, string maximumName, int? logprobs)
    {
        RequireSupported(request);
        Require(request.N is null or 1, "n", $"must be 1, but is {request.N}; send the request several times");
        RequireRange(request.Temperature, 0, 2, "temperature");
        RequireRange(request.TopP, 0, 1, "top_p");
        RequireRange(request.PresencePenalty, -2, 2, "presence_penalty");
        RequireRange(request.FrequencyPenalty, -2, 2, "frequency_penalty");
        Require(request.TopK is null or >= 0, "top_k", "must be at least 0");
        Require(request.MaxTokens is null or >= 1, "max_tokens", $"must be at least 1, but is {request.MaxTokens}");
        Require(maximum is null or >= 1, maximumName, $"must be at least 1, but is {maximum}");
        Require(request.Stop is null or { Count: <= MostStops }, "stop", $"must be at most {MostStops} texts");
        Require(request.Stop is null || request.Stop.All(stop => stop.Length > 0), "stop", "must not be empty");
        return new GenerationOptions
        {
            MaximumNewTokens = Math.Min(maximum ?? request.MaxTokens ?? limits.DefaultOutputTokens, limits.MaximumOutputTokens ?? int.MaxValue),
            Temperature = request.Temperature ?? 1,
            // No probability at all leaves the likeliest token.
            TopP = request.TopP is 0 ? 1 : request.TopP ?? 1,
            TopK = request.TopP is 0 ? 1 : request.TopK ?? 0,
            PresencePenalty = request.PresencePenalty ?? 0,
            FrequencyPenalty = request.FrequencyPenalty ?? 0,
            LogitBias = BiasOf(request, host),
            Seed = request.Seed,
            StopStrings = request.Stop ?? [],
            LogProbabilities = logprobs,
        };
    }

    private static Dictionary<int, double> BiasOf(SamplingRequest request, LanguageModelHost host)
    {
        var size = host.Model.Tokenizer.VocabularySize;
        var biases = new Dictionary<int, double>();
        foreach (var (token, bias) in request.LogitBias ?? [])
        {
            Require(
                int.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id < size,
                "logit_bias", $"must name token ids below {size}, but one is '{token}'");
            RequireRange(bias, -100, 100, "logit_bias");
            biases[id] = bias;
        }

        return biases;
    }

    private static void RequireSupported(SamplingRequest request)
    {
        foreach (var (name, asksForNothing, supported) in NotSupported)
        {
            if (request.Others is { } others && others.TryGetValue(name, out var value) && value.ValueKind != JsonValueKind.Null && !asksForNothing(value))
            {
                throw new FailureException(Failure.Unsupported(name, supported));
            }
        }
    }

    private static bool IsEmptyList(JsonElement element) => element.ValueKind == JsonValueKind.Array && element.GetArrayLength() == 0;

    private static bool IsPlainText(JsonElement element) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String && type.ValueEquals("text");

    private static bool IsOnlyText(JsonElement element) =>
        element.ValueKind == JsonValueKind.Array && element.EnumerateArray().All(part => part.ValueKind == JsonValueKind.String && part.ValueEquals("text"));

    private static void RequireRange(double? value, double lowest, double highest, string name) => Require(
        value is null || (value >= lowest && value <= highest), name, FormattableString.Invariant($"must be {lowest} to {highest}, but is {value}"));

    private static void Require(bool holds, string name, string problem)
    {
        if (!holds)
        {
            throw new FailureException(Failure.Invalid($"'{name}' {problem}.", name));
        }
    }
}
