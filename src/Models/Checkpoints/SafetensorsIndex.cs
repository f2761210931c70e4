using System.Text.Json;

namespace MLNetLlm.Models;

/// <summary>The file <c>model.safetensors.index.json</c>, which says in which shard each tensor of a checkpoint is.</summary>
/// <param name="WeightMap">File name by tensor name.</param>
internal sealed record SafetensorsIndex(IReadOnlyDictionary<string, string> WeightMap)
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    private static ReadOnlySpan<char> Separators => ['/', '\\', ':', '\0'];

    /// <summary>The shards' file names, in order.</summary>
    public IReadOnlyList<string> Shards => [.. WeightMap.Values.Distinct().Order(StringComparer.Ordinal)];

    /// <exception cref="InvalidDataException">It is damaged or names a file elsewhere.</exception>
    public static SafetensorsIndex Read(Stream stream, string fileName)
    {
        try
        {
            using var document = JsonDocument.Parse(stream, Strict);
            var map = new Dictionary<string, string>();
            if (document.RootElement.ValueKind != JsonValueKind.Object
                || !document.RootElement.TryGetProperty("weight_map", out var weightMap) || weightMap.ValueKind != JsonValueKind.Object)
            {
                throw new InvalidDataException($"{fileName}: expected a JSON object with an object 'weight_map'.");
            }

            foreach (var pair in weightMap.EnumerateObject())
            {
                var shard = pair.Value.ValueKind == JsonValueKind.String ? pair.Value.GetString()! : "";
                map.Add(pair.Name, IsFileName(shard)
                    ? shard
                    : throw new InvalidDataException(
                        $"{fileName}: tensor '{pair.Name}' must be in a file beside the index, but is in {pair.Value.GetRawText()}."));
            }

            return new SafetensorsIndex(map);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new InvalidDataException($"{fileName} is not valid JSON: {exception.Message}", exception);
        }
    }

    /// <param name="stream">Where it goes.</param>
    /// <param name="totalBytes">Bytes of all tensors, a note to the reader of the file.</param>
    public void Write(Stream stream, long totalBytes)
    {
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteStartObject("metadata");
        json.WriteNumber("total_size", totalBytes);
        json.WriteEndObject();
        json.WriteStartObject("weight_map");
        foreach (var (name, shard) in WeightMap.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            json.WriteString(name, shard);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    // The index comes from elsewhere; it must not make this process open any other file.
    private static bool IsFileName(string name) =>
        name.Length > 0 && name is not ("." or "..") && name.AsSpan().IndexOfAny(Separators) < 0;
}
