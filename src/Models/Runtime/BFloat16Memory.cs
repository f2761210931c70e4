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
            target[index] = BFloat16Bits.Widen(source[index]);
        }
    }

    /// <summary>Rounds to the nearest number, ties to the even one; what is not a number stays so.</summary>
    public static void Narrow(ReadOnlySpan<float> source, Span<ushort> target)
    {
        var vectors = MemoryMarshal.Cast<ushort, Vector512<ushort>>(target);
        var wide = MemoryMarshal.Cast<float, Vector512<float>>(source);
        for (var index = 0; index < vectors.Length; index++)
        {
            vectors[index] = Vector512.Narrow(BFloat16Bits.Round(wide[2 * index]) >>> 16, BFloat16Bits.Round(wide[2 * index + 1]) >>> 16);
        }

        for (var index = vectors.Length * Vector512<ushort>.Count; index < source.Length; index++)
        {
            target[index] = BFloat16Bits.Narrow(source[index]);
        }
    }
}
