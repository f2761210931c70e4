using System.Text.Json;

namespace MLNetLlm.Models;

/// <summary>
/// The header of a safetensors file, https://github.com/huggingface/safetensors: its length in 8 bytes, then JSON that names
/// every tensor's type, shape and bytes. The bytes follow one another without gaps, so a wrong header cannot go unnoticed.
/// </summary>
internal sealed record SafetensorsHeader(
    IReadOnlyList<SafetensorsEntry> Entries, IReadOnlyDictionary<string, string> Metadata, long DataStart)
{
    public const long MaximumBytes = 100_000_000;

    private const string MetadataKey = "__metadata__";

    public long DataLength => Entries.Count == 0 ? 0 : Entries[^1].End;

    public static SafetensorsHeader Parse(ReadOnlyMemory<byte> json, string fileName)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            Require(root.ValueKind == JsonValueKind.Object, fileName, "its header is not a JSON object");
            var names = new HashSet<string>();
            var entries = new List<SafetensorsEntry>();
            var metadata = new Dictionary<string, string>();
            foreach (var property in root.EnumerateObject())
            {
                Require(names.Add(property.Name), fileName, $"its header names '{property.Name}' twice");
                if (property.Name == MetadataKey)
                {
                    ReadMetadata(property.Value, metadata, fileName);
                }
                else
                {
                    entries.Add(ReadEntry(property, fileName));
                }
            }

            entries.Sort((left, right) => left.Begin != right.Begin ? left.Begin.CompareTo(right.Begin) : left.End.CompareTo(right.End));
            RequireContiguous(entries, fileName);
            return new SafetensorsHeader(entries, metadata, sizeof(long) + json.Length);
        }
        catch (JsonException exception)
        {
            throw Damaged(fileName, $"its header is not valid JSON (byte {sizeof(long) + (exception.BytePositionInLine ?? 0)})", exception);
        }
    }

    public static InvalidDataException Damaged(string fileName, string reason, Exception? inner = null) =>
        new($"{fileName} is not a valid safetensors file: {reason}.", inner);

    private static void ReadMetadata(JsonElement element, Dictionary<string, string> metadata, string fileName)
    {
        Require(element.ValueKind == JsonValueKind.Object, fileName, $"'{MetadataKey}' is not a JSON object");
        foreach (var pair in element.EnumerateObject())
        {
            metadata[pair.Name] = pair.Value.ToString();
        }
    }

    private static SafetensorsEntry ReadEntry(JsonProperty property, string fileName)
    {
        var tensor = $"tensor '{property.Name}'";
        Require(property.Value.ValueKind == JsonValueKind.Object, fileName, $"{tensor} is not described by a JSON object");
        var type = property.Value.TryGetProperty("dtype", out var typeElement) && typeElement.ValueKind == JsonValueKind.String
            ? typeElement.GetString()!
            : throw Damaged(fileName, $"{tensor} has no dtype");
        var shape = Integers(property.Value, "shape", tensor, fileName);
        var offsets = Integers(property.Value, "data_offsets", tensor, fileName);
        Require(offsets.Length == 2 && offsets[0] <= offsets[1], fileName, $"{tensor} has data_offsets [{string.Join(", ", offsets)}]");
        if (SafetensorsTypes.Find(type) is { } known)
        {
            var expected = ByteCount(shape, known.Size);
            Require(
                expected == offsets[1] - offsets[0], fileName,
                $"{tensor} of type {type} and shape [{string.Join(", ", shape)}] has {offsets[1] - offsets[0]} bytes at offset {offsets[0]}, which does not fit");
        }

        return new SafetensorsEntry(property.Name, type, shape, offsets[0], offsets[1]);
    }

    private static long[] Integers(JsonElement element, string key, string tensor, string fileName)
    {
        Require(element.TryGetProperty(key, out var list) && list.ValueKind == JsonValueKind.Array, fileName, $"{tensor} has no {key}");
        var values = new long[list.GetArrayLength()];
        for (var i = 0; i < values.Length; i++)
        {
            var item = list[i];
            Require(
                item.ValueKind == JsonValueKind.Number && item.TryGetInt64(out values[i]) && values[i] >= 0, fileName,
                $"{tensor} has {item.GetRawText()} in its {key}");
        }

        return values;
    }

    // Null where the product does not fit into 64 bits.
    private static long? ByteCount(long[] shape, int size)
    {
        Int128 bytes = size;
        foreach (var dimension in shape)
        {
            bytes *= dimension;
            if (bytes > long.MaxValue)
            {
                return null;
            }
        }

        return (long)bytes;
    }

    private static void RequireContiguous(List<SafetensorsEntry> entries, string fileName)
    {
        long end = 0;
        foreach (var entry in entries)
        {
            Require(entry.Begin >= end, fileName, $"tensor '{entry.Name}' begins at offset {entry.Begin}, inside the tensor before it, which ends at {end}");
            Require(entry.Begin == end, fileName, $"there is a gap before tensor '{entry.Name}', which begins at offset {entry.Begin} and not {end}");
            end = entry.End;
        }
    }

    private static void Require(bool holds, string fileName, string reason)
    {
        if (!holds)
        {
            throw Damaged(fileName, reason);
        }
    }
}
