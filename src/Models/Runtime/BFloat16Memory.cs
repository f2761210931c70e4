using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace MLNetLlm.Models;

/// <summary>bfloat16 numbers, the upper halves of Float32 numbers, in memory.</summary>
internal static class BFloat16Memory
{
    public static void Widen(ReadOnlySpan<ushort> source, Span<float> target)
    {
        var vectors = MemoryMarshal.Cast<ushort, Vector512<ushort>>(source);
        var wide = MemoryMarshal.Cast<float, Vector512<float>>(target);
        for (var index = 0; index < vectors.Length; index++)
        {
            var (lower, upper) = Vector512.Widen(vectors[index]);
            wide[2 * index] = (lower << 16).AsSingle();
            wide[2 * index + 1] = (upper << 16).AsSingle();
        }

        for (var index = vectors.Length * Vector512<ushort>.Count; index < source.Length; index++)
        {
            target[index] = BitConverter.UInt32BitsToSingle((uint)source[index] << 16);
        }
    }

    /// <summary>Rounds to the nearest number, ties to the even one; what is not a number stays so.</summary>
    public static void Narrow(ReadOnlySpan<float> source, Span<ushort> target)
    {
        var vectors = MemoryMarshal.Cast<ushort, Vector512<ushort>>(target);
        var wide = MemoryMarshal.Cast<float, Vector512<float>>(source);
        for (var index = 0; index < vectors.Length; index++)
        {
            vectors[index] = Vector512.Narrow(Round(wide[2 * index]), Round(wide[2 * index + 1]));
        }

        for (var index = vectors.Length * Vector512<ushort>.Count; index < source.Length; index++)
        {
            target[index] = Bits(source[index]);
        }
    }

    /// <summary>The nearest number that bfloat16 has.</summary>
    public static float Round(float value) => BitConverter.UInt32BitsToSingle((uint)Bits(value) << 16);

    /// <summary>The bits of the nearest number.</summary>
    public static ushort Bits(float value) => (ushort)Round(Vector512.Create(value))[0];

    private static Vector512<uint> Round(Vector512<float> values)
    {
        var bits = values.AsUInt32();
        var rounded = (bits + Vector512.Create(0x7FFFu) + ((bits >>> 16) & Vector512<uint>.One)) >>> 16;
        return Vector512.ConditionalSelect(Vector512.Equals(values, values).AsUInt32(), rounded, Vector512.Create(0x7FC0u));
    }
}
