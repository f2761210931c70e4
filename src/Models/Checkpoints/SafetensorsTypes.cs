using static TorchSharp.torch;

namespace MLNetLlm.Models;

/// <summary>The number types of the format: how many bits a value has, and which tensor type holds it, if any.</summary>
internal static class SafetensorsTypes
{
    private static readonly (string Name, int Bits, ScalarType? Type)[] Known =
    [
        ("F32", 32, ScalarType.Float32), ("BF16", 16, ScalarType.BFloat16), ("F16", 16, ScalarType.Float16), ("F64", 64, ScalarType.Float64),
        ("I64", 64, ScalarType.Int64), ("I32", 32, ScalarType.Int32), ("I16", 16, ScalarType.Int16), ("I8", 8, ScalarType.Int8),
        ("U8", 8, ScalarType.Byte), ("BOOL", 8, ScalarType.Bool), ("C64", 64, ScalarType.ComplexFloat32),
        ("U64", 64, null), ("U32", 32, null), ("U16", 16, null), ("F8_E4M3", 8, null), ("F8_E5M2", 8, null), ("F8_E8M0", 8, null),
        ("F6_E2M3", 6, null), ("F6_E3M2", 6, null), ("F4", 4, null),
    ];

    /// <summary>Those with a tensor type, for messages.</summary>
    public static string Readable => string.Join(", ", Known.Where(known => known.Type is not null).Select(known => known.Name));

    /// <summary><see langword="null"/> for a type that this version of the format does not know.</summary>
    public static int? BitsOf(string name)
    {
        foreach (var known in Known)
        {
            if (known.Name == name)
            {
                return known.Bits;
            }
        }

        return null;
    }

    /// <summary><see langword="null"/> where no tensor type holds such values.</summary>
    public static ScalarType? TensorTypeOf(string name)
    {
        foreach (var known in Known)
        {
            if (known.Name == name)
            {
                return known.Type;
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

        throw new NotSupportedException(
            $"Tensors of type {type} cannot be written; expected one of {string.Join(", ", Known.Select(known => known.Type).OfType<ScalarType>())}.");
    }
}
