using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Extensions.AI;
using MLNetLlm.Services;

namespace ChatService.OpenAi;

/// <summary><c>POST /v1/embeddings</c></summary>
internal static class EmbeddingsEndpoint
{
    private const int MostTexts = 256;

    public static async Task<IResult> HandleAsync(HttpContext context, IEmbeddingGenerator<string, Embedding<float>> generator, LanguageModelHost host)
    {
        var request = await RequestBody.ReadAsync(context, OpenAiJson.Default.EmbeddingRequest);
        SamplingRules.RequireModel(request.Model, host);
        var texts = TextsOf(request.Input);
        Require(request.EncodingFormat is null or "float" or "base64", "encoding_format", "must be 'float' or 'base64'");
        var embeddings = await EmbedAsync(generator, texts, request.Dimensions, context.RequestAborted);
        var inBase64 = request.EncodingFormat == "base64";
        return Results.Json(
            new EmbeddingList(
                [.. embeddings.Select((embedding, index) => new EmbeddingEntry(index, Written(embedding.Vector, inBase64)))],
                host.ModelId,
                new EmbeddingUsage((int)(embeddings.Usage?.InputTokenCount ?? 0))),
            OpenAiJson.Default.EmbeddingList);
    }

    private static async Task<GeneratedEmbeddings<Embedding<float>>> EmbedAsync(
        IEmbeddingGenerator<string, Embedding<float>> generator, IReadOnlyList<string> texts, int? dimensions, CancellationToken clientGone)
    {
        try
        {
            return await generator.GenerateAsync(texts, new EmbeddingGenerationOptions { Dimensions = dimensions }, clientGone);
        }
        catch (ArgumentException exception)
        {
            throw new FailureException(Failure.Invalid(exception.Message, exception.ParamName == "options" ? "dimensions" : "input"));
        }
    }

    private static JsonElement Written(ReadOnlyMemory<float> vector, bool inBase64) => inBase64
        ? JsonSerializer.SerializeToElement(Convert.ToBase64String(MemoryMarshal.AsBytes(vector.Span)), OpenAiJson.Default.String)
        : JsonSerializer.SerializeToElement(vector.ToArray(), OpenAiJson.Default.SingleArray);

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
