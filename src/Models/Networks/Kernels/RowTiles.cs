using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MLNetLlm.Models;

/// <summary>
/// Sums of a few rows and a few outputs in registers: the inner loop of a <see cref="FewRowProduct"/>. Every form adds the same
/// numbers in the same order, so a row's result does not depend on how many rows there are.
/// </summary>
internal unsafe interface IRowTile
{
    /// <summary>Rows of the input; some may be zeros.</summary>
    static abstract int Rows { get; }

    /// <summary>Outputs at once.</summary>
    static abstract int Outputs { get; }

    /// <param name="x">Of each 16 inputs those of the first row, then those of the second and so on.</param>
    /// <param name="weights">Where the weights of the first output start.</param>
    /// <param name="count">Number of inputs, a multiple of 32.</param>
    /// <param name="sums">[outputs, rows].</param>
    static abstract void Multiply(float* x, TileWeights weights, int count, Vector256<float>* sums);
}

/// <param name="first">Weights of the first output.</param>
/// <param name="stride">Weights of an output.</param>
/// <param name="last">How many outputs follow the first one. Those beyond are given the weights of the last one.</param>
/// <param name="ahead">How far on those weights are that are needed next; without this hint, memory is read at half the speed.</param>
internal readonly unsafe struct TileWeights(ushort* first, int stride, int last, nint ahead)
{
    public nint Ahead => ahead;

    public ushort* Of(int output) => first + (nint)Math.Min(output, last) * stride;
}

internal readonly unsafe struct OneRowTile : IRowTile
{
    private const int Lanes = FewRowProduct.GroupSize / 2;

    public static int Rows => 1;

    public static int Outputs => 8;

    // Code that waits for its optimisation would make the first tokens of a process slow.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(float* x, TileWeights weights, int count, Vector256<float>* sums)
    {
        ushort* w0 = weights.Of(0), w1 = weights.Of(1), w2 = weights.Of(2), w3 = weights.Of(3);
        ushort* w4 = weights.Of(4), w5 = weights.Of(5), w6 = weights.Of(6), w7 = weights.Of(7);
        Vector512<float> sum0 = default, sum1 = default, sum2 = default, sum3 = default, sum4 = default, sum5 = default, sum6 = default, sum7 = default;
        for (nint place = 0; place < count; place += FewRowProduct.GroupSize)
        {
            var (even, odd) = (Vector512.Load(x + place), Vector512.Load(x + place + Lanes));
            Accumulate(w0 + place, weights.Ahead, even, odd, ref sum0);
            Accumulate(w1 + place, weights.Ahead, even, odd, ref sum1);
            Accumulate(w2 + place, weights.Ahead, even, odd, ref sum2);
            Accumulate(w3 + place, weights.Ahead, even, odd, ref sum3);
            Accumulate(w4 + place, weights.Ahead, even, odd, ref sum4);
            Accumulate(w5 + place, weights.Ahead, even, odd, ref sum5);
            Accumulate(w6 + place, weights.Ahead, even, odd, ref sum6);
            Accumulate(w7 + place, weights.Ahead, even, odd, ref sum7);
        }

        sums[0] = VectorSums.Of(sum0, sum1, sum2, sum3, sum4, sum5, sum6, sum7);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Accumulate(ushort* w, nint ahead, Vector512<float> even, Vector512<float> odd, ref Vector512<float> sum)
    {
        Sse.Prefetch0(w + ahead);
        var pairs = Vector512.Load((uint*)w);
        sum = Vector512.FusedMultiplyAdd(BFloat16Bits.WidenEven(pairs), even, sum);
        sum = Vector512.FusedMultiplyAdd(BFloat16Bits.WidenOdd(pairs), odd, sum);
    }
}

/// <summary>24 sums: each weight is widened once for eight rows, and each input read once for three outputs.</summary>
internal readonly unsafe struct EightRowTile : IRowTile
{
    private const int Lanes = FewRowProduct.GroupSize / 2;

    public static int Rows => 8;

    public static int Outputs => 3;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(float* x, TileWeights weights, int count, Vector256<float>* sums)
    {
        ushort* w0 = weights.Of(0), w1 = weights.Of(1), w2 = weights.Of(2);
        var ahead = weights.Ahead;
        Vector512<float> a0 = default, a1 = default, a2 = default, a3 = default, a4 = default, a5 = default, a6 = default, a7 = default;
        Vector512<float> b0 = default, b1 = default, b2 = default, b3 = default, b4 = default, b5 = default, b6 = default, b7 = default;
        Vector512<float> c0 = default, c1 = default, c2 = default, c3 = default, c4 = default, c5 = default, c6 = default, c7 = default;
        for (var end = w0 + count; w0 < end; w0 += FewRowProduct.GroupSize, w1 += FewRowProduct.GroupSize, w2 += FewRowProduct.GroupSize)
        {
            Sse.Prefetch0(w0 + ahead);
            Sse.Prefetch0(w1 + ahead);
            Sse.Prefetch0(w2 + ahead);
            var (a, b, c) = (BFloat16Bits.WidenEven(Vector512.Load((uint*)w0)), BFloat16Bits.WidenEven(Vector512.Load((uint*)w1)), BFloat16Bits.WidenEven(Vector512.Load((uint*)w2)));
            for (var half = 0; half < 2; half++)
            {
                Accumulate(x, a, b, c, ref a0, ref b0, ref c0);
                Accumulate(x + Lanes, a, b, c, ref a1, ref b1, ref c1);
                Accumulate(x + 2 * Lanes, a, b, c, ref a2, ref b2, ref c2);
                Accumulate(x + 3 * Lanes, a, b, c, ref a3, ref b3, ref c3);
                Accumulate(x + 4 * Lanes, a, b, c, ref a4, ref b4, ref c4);
                Accumulate(x + 5 * Lanes, a, b, c, ref a5, ref b5, ref c5);
                Accumulate(x + 6 * Lanes, a, b, c, ref a6, ref b6, ref c6);
                Accumulate(x + 7 * Lanes, a, b, c, ref a7, ref b7, ref c7);
                (a, b, c) = (BFloat16Bits.WidenOdd(Vector512.Load((uint*)w0)), BFloat16Bits.WidenOdd(Vector512.Load((uint*)w1)), BFloat16Bits.WidenOdd(Vector512.Load((uint*)w2)));
                x += Rows * Lanes;
            }
        }

        sums[0] = VectorSums.Of(a0, a1, a2, a3, a4, a5, a6, a7);
        sums[1] = VectorSums.Of(b0, b1, b2, b3, b4, b5, b6, b7);
        sums[2] = VectorSums.Of(c0, c1, c2, c3, c4, c5, c6, c7);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Accumulate(
        float* x, Vector512<float> a, Vector512<float> b, Vector512<float> c, ref Vector512<float> aSum, ref Vector512<float> bSum, ref Vector512<float> cSum)
    {
        var inputs = Vector512.Load(x);
        aSum = Vector512.FusedMultiplyAdd(a, inputs, aSum);
        bSum = Vector512.FusedMultiplyAdd(b, inputs, bSum);
        cSum = Vector512.FusedMultiplyAdd(c, inputs, cSum);
    }
}
