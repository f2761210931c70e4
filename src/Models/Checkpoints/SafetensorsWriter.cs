using System.Buffers.Binary;
using System.Text.Json;
using static TorchSharp.torch;

namespace MLNetLlm.Models;

/// <summary>Writes safetensors files forwards only, one tensor in memory at a time.</summary>
public static class SafetensorsWriter
{
    private const int Alignment = 8;
    private const int PieceBytes = 1 << 24;

    /// <summary>Writes tensors.</summary>
    /// <param name="stream">Any writable stream; stays open.</param>
    /// <param name="tensors">Names and values, in the order in which their bytes are written; on any device.</param>
    /// <param name="metadata">Notes for the header; Hugging Face's loader wants <c>format: pt</c>, which is the default.</param>
    /// <exception cref="ArgumentException">A name is there twice or is the one that the format keeps for itself.</exception>
    public static void Write(
        Stream stream, IReadOnlyList<KeyValuePair<string, Tensor>> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(tensors);
        RequireNames(tensors);
        var header = Header(tensors, metadata ?? new Dictionary<string, string> { ["format"] = "pt" });
        Span<byte> prefix = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(prefix, header.Length);
        stream.Write(prefix);
        stream.Write(header);
        foreach (var (_, tensor) in tensors)
        {
            if (tensor.NumberOfElements > 0)
            {
                using var detached = tensor.detach();
                using var near = detached.cpu();
                using var ordered = near.contiguous();
                new TensorMemory(ordered).ForEachPiece(PieceBytes, (bytes, _) => stream.Write(bytes));
            }
        }
    }

    private static void RequireNames(IReadOnlyList<KeyValuePair<string, Tensor>> tensors)
    {
        var names = new HashSet<string> { SafetensorsHeader.MetadataKey };
        if (tensors.FirstOrDefault(pair => !names.Add(pair.Key)).Key is { } name)
        {
            throw new ArgumentException($"Tensors must have names of their own, but '{name}' is taken.", nameof(tensors));
        }
    }

    /// <summary>Number of bytes that a tensor takes in a file.</summary>
    internal static long ByteCount(Tensor tensor) => tensor.NumberOfElements * tensor.ElementSize;

    private static byte[] Header(IReadOnlyList<KeyValuePair<string, Tensor>> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        using var content = new MemoryStream();
        using (var json = new Utf8JsonWriter(content))
        {
            json.WriteStartObject();
            json.WriteStartObject(SafetensorsHeader.MetadataKey);
            foreach (var (key, value) in metadata)
            {
                json.WriteString(key, value);
            }

            json.WriteEndObject();
            long offset = 0;
            foreach (var (name, tensor) in tensors)
            {
                var end = offset + ByteCount(tensor);
                json.WriteStartObject(name);
                json.WriteString("dtype", SafetensorsTypes.NameOf(tensor.dtype));
                WriteIntegers(json, "shape", tensor.shape);
                WriteIntegers(json, "data_offsets", [offset, end]);
                json.WriteEndObject();
                offset = end;
            }

            json.WriteEndObject();
        }

        // Spaces, so that the tensors' bytes start at a multiple of 8.
        while (content.Length % Alignment != 0)
        {
            content.WriteByte((byte)' ');
        }

        return content.ToArray();
    }

    private static void WriteIntegers(Utf8JsonWriter json, string name, IEnumerable<long> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
        {
            json.WriteNumberValue(value);
        }

        json.WriteEndArray();
    }
}
