using System.Text.Json;
using System.Text.Json.Serialization;

namespace ChatService.OpenAi;

/// <summary>What requests for chats and for plain completions have in common.</summary>
internal abstract record SamplingRequest
{
    public string? Model { get; init; }

    public bool? Stream { get; init; }

    public StreamOptions? StreamOptions { get; init; }

    public double? Temperature { get; init; }

    public double? TopP { get; init; }

    /// <summary>Not OpenAI's, but many services know it: draws from this many of the likeliest tokens.</summary>
    public int? TopK { get; init; }

    public int? MaxTokens { get; init; }

    public double? PresencePenalty { get; init; }

    public double? FrequencyPenalty { get; init; }

    public Dictionary<string, double>? LogitBias { get; init; }

    public long? Seed { get; init; }

    [JsonConverter(typeof(OneOrMoreTextsConverter))]
    public IReadOnlyList<string>? Stop { get; init; }

    public int? N { get; init; }

    /// <summary>Everything else that a request holds.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Others { get; set; }
}

/// <param name="IncludeUsage">Whether a last chunk counts the tokens.</param>
internal sealed record StreamOptions(bool IncludeUsage);

internal sealed record ChatCompletionRequest : SamplingRequest
{
    public IReadOnlyList<RequestMessage>? Messages { get; init; }

    public int? MaxCompletionTokens { get; init; }

    public bool? Logprobs { get; init; }

    public int? TopLogprobs { get; init; }
}

internal sealed record CompletionRequest : SamplingRequest
{
    /// <summary>A text, or token ids; an array of either with one element.</summary>
    public JsonElement Prompt { get; init; }

    public int? Logprobs { get; init; }
}

/// <param name="Role">system, developer, user or assistant.</param>
/// <param name="Content">A text, or parts of type text.</param>
internal sealed record RequestMessage(string? Role, [property: JsonConverter(typeof(MessageContentConverter))] string? Content);
