using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MLNetLlm.Models;

/// <summary>Sums of eight vectors at once, in a third of the instructions of eight times one; each in the same order.</summary>
internal static unsafe class VectorSums
{
    /// <returns>Number i is the sum of vector i.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Of(
        Vector512<float> v0, Vector512<float> v1, Vector512<float> v2, Vector512<float> v3,
        Vector512<float> v4, Vector512<float> v5, Vector512<float> v6, Vector512<float> v7)
    {
        var (low, high) = (QuartersOf(v0, v1, v2, v3), QuartersOf(v4, v5, v6, v7));
        // Quarters 0 and 2 of both, and 1 and 3 of both.
        var halves = Avx512F.Shuffle4x128(low, high, 0b10_00_10_00) + Avx512F.Shuffle4x128(low, high, 0b11_01_11_01);
        var (first, second) = (halves.GetLower(), halves.GetUpper());
        return Vector256.Create(first.GetLower() + first.GetUpper(), second.GetLower() + second.GetUpper());
    }

    /// <param name="square">Eight vectors; number i of vector j becomes number j of vector i.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Transpose(Vector256<float>* square)
    {
        var (a0, a1, a2, a3) = TransposeQuarters(square[0], square[1], square[2], square[3]);
        var (b0, b1, b2, b3) = TransposeQuarters(square[4], square[5], square[6], square[7]);
        (square[0], square[4]) = (Avx.Permute2x128(a0, b0, 0x20), Avx.Permute2x128(a0, b0, 0x31));
        (square[1], square[5]) = (Avx.Permute2x128(a1, b1, 0x20), Avx.Permute2x128(a1, b1, 0x31));
        (square[2], square[6]) = (Avx.Permute2x128(a2, b2, 0x20), Avx.Permute2x128(a2, b2, 0x31));
        (square[3], square[7]) = (Avx.Permute2x128(a3, b3, 0x20), Avx.Permute2x128(a3, b3, 0x31));
    }

    // The halves of the results are two squares of four by four.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector256<float> V0, Vector256<float> V1, Vector256<float> V2, Vector256<float> V3) TransposeQuarters(
        Vector256<float> v0, Vector256<float> v1, Vector256<float> v2, Vector256<float> v3)
    {
        var (low, lowNext) = (Avx.UnpackLow(v0, v1), Avx.UnpackLow(v2, v3));
        var (high, highNext) = (Avx.UnpackHigh(v0, v1), Avx.UnpackHigh(v2, v3));
        return (Avx.Shuffle(low, lowNext, 0b01_00_01_00), Avx.Shuffle(low, lowNext, 0b11_10_11_10),
            Avx.Shuffle(high, highNext, 0b01_00_01_00), Avx.Shuffle(high, highNext, 0b11_10_11_10));
    }

    // Each quarter of the result has the sums of that quarter of the four.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> QuartersOf(Vector512<float> v0, Vector512<float> v1, Vector512<float> v2, Vector512<float> v3)
    {
        var first = Avx512F.UnpackLow(v0, v1) + Avx512F.UnpackHigh(v0, v1);
        var second = Avx512F.UnpackLow(v2, v3) + Avx512F.UnpackHigh(v2, v3);
        return Avx512F.Shuffle(first, second, 0b01_00_01_00) + Avx512F.Shuffle(first, second, 0b11_10_11_10);
    }
}
