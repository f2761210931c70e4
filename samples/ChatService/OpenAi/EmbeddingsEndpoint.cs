using System.Runtime.InteropServices;
using System.Text.Json;

namespace ChatService.OpenAi;

/// <summary><c>POST /v1/embeddings</c></summary>
internal static class EmbeddingsEndpoint
{
    private const int MostTexts = 256;

    public static async Task<IResult> HandleAsync(HttpContext context, ChatModel model, TextEmbedder embedder)
    {
        var request = await RequestBody.ReadAsync(context, OpenAiJson.Default.EmbeddingRequest);
        SamplingRules.RequireModel(request.Model, model);
        var texts = TextsOf(request.Input);
        var tokens = texts.Sum(model.LanguageModel.Tokenizer.Count);
        Require(request.EncodingFormat is null or "float" or "base64", "encoding_format", "must be 'float' or 'base64'");
        Require(
            request.Dimensions is null || request.Dimensions == embedder.Dimensions, "dimensions",
            $"must be {embedder.Dimensions}, this model's, but is {request.Dimensions}");
        var vectors = embedder.Embed(texts);
        var inBase64 = request.EncodingFormat == "base64";
        return Results.Json(
            new EmbeddingList([.. vectors.Select((vector, index) => new EmbeddingEntry(index, Written(vector, inBase64)))], model.Name, new EmbeddingUsage(tokens)),
            OpenAiJson.Default.EmbeddingList);
    }

    private static JsonElement Written(float[] vector, bool inBase64) => inBase64
        ? JsonSerializer.SerializeToElement(Convert.ToBase64String(MemoryMarshal.AsBytes(vector.AsSpan())), OpenAiJson.Default.String)
        : JsonSerializer.SerializeToElement(vector, OpenAiJson.Default.SingleArray);

    private static IReadOnlyList<string> TextsOf(JsonElement input)
    {
        JsonElement[] elements = input.ValueKind == JsonValueKind.Array ? [.. input.EnumerateArray()] : [input];
        Require(elements.Length is > 0 and <= MostTexts, "input", $"must hold 1 to {MostTexts} texts, but holds {elements.Length}");
        Require(Array.TrueForAll(elements, element => element.ValueKind == JsonValueKind.String), "input", "must be a text or an array of texts");
        Require(Array.TrueForAll(elements, element => element.GetString() is { Length: > 0 }), "input", "must not hold empty texts");
        return [.. elements.Select(element => element.GetString()!)];
    }

    private static void Require(bool holds, string name, string problem)
    {
        if (!holds)
        {
            throw new FailureException(Failure.Invalid($"'{name}' {problem}.", name));
        }
    }
}
