using static TorchSharp.torch;

namespace MLNetLlm.Models;

/// <summary>One tensor of a safetensors file.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its number type as the file spells it, for example <c>F32</c> or <c>BF16</c>.</param>
/// <param name="Shape">Its shape; empty for a scalar.</param>
/// <param name="Begin">First byte, counted from the end of the header.</param>
/// <param name="End">The byte after its last.</param>
public sealed record SafetensorsEntry(string Name, string Type, IReadOnlyList<long> Shape, long Begin, long End);

/// <summary>The number types of the format that have a tensor type.</summary>
internal static class SafetensorsTypes
{
    private static readonly (string Name, ScalarType Type, int Size)[] Known =
    [
        ("F32", ScalarType.Float32, 4), ("BF16", ScalarType.BFloat16, 2), ("F16", ScalarType.Float16, 2), ("F64", ScalarType.Float64, 8),
        ("I64", ScalarType.Int64, 8), ("I32", ScalarType.Int32, 4), ("I16", ScalarType.Int16, 2), ("I8", ScalarType.Int8, 1),
        ("U8", ScalarType.Byte, 1), ("BOOL", ScalarType.Bool, 1),
    ];

    public static string Names => string.Join(", ", Known.Select(known => known.Name));

    public static (ScalarType Type, int Size)? Find(string name)
    {
        foreach (var known in Known)
        {
            if (known.Name == name)
            {
                return (known.Type, known.Size);
            }
        }

        return null;
    }

    public static string NameOf(ScalarType type)
    {
        foreach (var known in Known)
        {
            if (known.Type == type)
            {
                return known.Name;
            }
        }

        throw new NotSupportedException($"Tensors of type {type} cannot be written; expected one of {string.Join(", ", Known.Select(known => known.Type))}.");
    }
}
