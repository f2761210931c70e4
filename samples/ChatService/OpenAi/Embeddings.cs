using System.Text.Json;

namespace ChatService.OpenAi;

internal sealed record EmbeddingRequest
{
    public string? Model { get; init; }

    /// <summary>A text, or an array of texts.</summary>
    public JsonElement Input { get; init; }

    /// <summary>float (the default) or base64, which clients prefer: the bytes of little-endian numbers.</summary>
    public string? EncodingFormat { get; init; }

    public int? Dimensions { get; init; }
}

internal sealed record EmbeddingList(IReadOnlyList<EmbeddingEntry> Data, string Model, EmbeddingUsage Usage)
{
    public string Object => "list";
}

/// <param name="Index">Place of the text in the request.</param>
/// <param name="Embedding">Numbers, or a text in base64.</param>
internal sealed record EmbeddingEntry(int Index, JsonElement Embedding)
{
    public string Object => "embedding";
}

internal sealed record EmbeddingUsage(int PromptTokens)
{
    public int TotalTokens => PromptTokens;
}
