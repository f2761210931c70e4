using System.Text.Json;

namespace MLNetLlm.Models;

/// <summary>
/// The header of a safetensors file, https://github.com/huggingface/safetensors: its length in 8 bytes, then JSON that names
/// every tensor's type, shape and bytes. The bytes follow one another without gaps, so a wrong header cannot go unnoticed.
/// Everything that a header says is checked here, before memory is reserved for anything it describes.
/// </summary>
internal sealed record SafetensorsHeader(
    IReadOnlyList<SafetensorsEntry> Entries, IReadOnlyDictionary<string, string> Metadata, long DataStart)
{
    public const long MaximumBytes = 100_000_000;

    public const string MetadataKey = "__metadata__";

    // libtorch's own limit.
    private const int MaximumRank = 64;

    // A name twice would leave open which one counts.
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 8 };

    public long DataLength => Entries.Count == 0 ? 0 : Entries[^1].End;

    public static SafetensorsHeader Parse(ReadOnlyMemory<byte> json, string fileName)
    {
        try
        {
            Require(json.Length > 0 && json.Span[0] == (byte)'{', fileName, "its header is not a JSON object");
            using var document = JsonDocument.Parse(json, Strict);
            var root = document.RootElement;
            var entries = new List<SafetensorsEntry>();
            var metadata = new Dictionary<string, string>();
            foreach (var property in root.EnumerateObject())
            {
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
            throw Damaged(fileName, $"its header is not valid JSON ({exception.Message.TrimEnd('.')})", exception);
        }
        catch (InvalidOperationException exception)
        {
            // Text that is not valid Unicode is found only when it is looked at.
            throw Damaged(fileName, "its header holds text that is not valid Unicode", exception);
        }
    }

    public static InvalidDataException Damaged(string fileName, string reason, Exception? inner = null) =>
        new($"{fileName} is not a valid safetensors file: {reason}.", inner);

    private static void ReadMetadata(JsonElement element, Dictionary<string, string> metadata, string fileName)
    {
        Require(element.ValueKind == JsonValueKind.Object, fileName, $"'{MetadataKey}' is not a JSON object");
        foreach (var pair in element.EnumerateObject())
        {
            Require(pair.Value.ValueKind == JsonValueKind.String, fileName, $"'{pair.Name}' of its '{MetadataKey}' is {pair.Value.GetRawText()} and not a text");
            metadata[pair.Name] = pair.Value.GetString()!;
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
        Require(shape.Length <= MaximumRank, fileName, $"{tensor} has {shape.Length} dimensions, more than {MaximumRank}");
        if (offsets.Length != 2 || offsets[0] > offsets[1])
        {
            throw Damaged(fileName, $"{tensor} has data_offsets [{string.Join(", ", offsets)}]");
        }

        if (SafetensorsTypes.BitsOf(type) is { } bits)
        {
            var found = offsets[1] - offsets[0];
            if (ByteCount(shape, bits) != found)
            {
                throw Damaged(fileName, $"{tensor} of type {type} and shape [{string.Join(", ", shape)}] has {found} bytes at offset {offsets[0]}, which does not fit");
            }
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
            if (item.ValueKind != JsonValueKind.Number || !item.TryGetInt64(out values[i]) || values[i] < 0)
            {
                throw Damaged(fileName, $"{tensor} has {item.GetRawText()} in its {key}");
            }
        }

        return values;
    }

    // Null where the tensor has no whole number of bytes, or more than fit into 64 bits even without its empty dimensions.
    private static long? ByteCount(long[] shape, int bitsOfValue)
    {
        long bits = bitsOfValue;
        var isEmpty = false;
        foreach (var dimension in shape)
        {
            isEmpty |= dimension == 0;
            if (dimension > long.MaxValue / bits)
            {
                return null;
            }

            bits *= Math.Max(dimension, 1);
        }

        return isEmpty ? 0 : bits % 8 == 0 ? bits / 8 : null;
    }

    private static void RequireContiguous(List<SafetensorsEntry> entries, string fileName)
    {
        long end = 0;
        foreach (var entry in entries)
        {
            if (entry.Begin < end)
            {
                throw Damaged(fileName, $"tensor '{entry.Name}' begins at offset {entry.Begin}, inside the tensor before it, which ends at {end}");
            }

            if (entry.Begin > end)
            {
                throw Damaged(fileName, $"there is a gap before tensor '{entry.Name}', which begins at offset {entry.Begin} and not {end}");
            }

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
