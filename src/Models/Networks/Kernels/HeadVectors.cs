using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MLNetLlm.Models;

/// <summary>Numbers as they are in memory, of which groups of 32 become two registers of 32-bit numbers, in an order of their own.</summary>
internal unsafe interface IHeadNumber<T>
    where T : unmanaged
{
    static abstract Vector512<float> WidenFirst(T* group);

    static abstract Vector512<float> WidenSecond(T* group);

    static abstract void Narrow(Vector512<float> first, Vector512<float> second, T* group);

    static abstract float Widen(T number);

    static abstract T Narrow(float number);
}

internal readonly unsafe struct Float32Number : IHeadNumber<float>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> WidenFirst(float* group) => Vector512.Load(group);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> WidenSecond(float* group) => Vector512.Load(group + Vector512<float>.Count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Narrow(Vector512<float> first, Vector512<float> second, float* group)
    {
        first.Store(group);
        second.Store(group + Vector512<float>.Count);
    }

    public static float Widen(float number) => number;

    public static float Narrow(float number) => number;
}

/// <summary>The even ones of a group are widened by a shift and come first, the odd ones by a mask.</summary>
internal readonly unsafe struct BFloat16Number : IHeadNumber<ushort>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> WidenFirst(ushort* group) => BFloat16Bits.WidenEven(Vector512.Load((uint*)group));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> WidenSecond(ushort* group) => BFloat16Bits.WidenOdd(Vector512.Load((uint*)group));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Narrow(Vector512<float> first, Vector512<float> second, ushort* group) =>
        BFloat16Bits.NarrowPairs(first, second).Store((uint*)group);

    public static float Widen(ushort number) => BFloat16Bits.Widen(number);

    public static ushort Narrow(float number) => BFloat16Bits.Narrow(number);
}

/// <summary>
/// Arithmetic on vectors of one head that lie one behind the other. Code that waits for its optimisation would make the
/// first tokens of a process slow.
/// </summary>
internal static unsafe class HeadVectors<T, TNumber>
    where T : unmanaged
    where TNumber : IHeadNumber<T>
{
    private const int GroupSize = 32;
    private const int Half = GroupSize / 2;

    /// <summary>Widens a vector, times a factor, into the order in which <see cref="Dots"/> reads it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Load(T* vector, float factor, float* wide, int width)
    {
        var place = 0;
        for (; place <= width - GroupSize; place += GroupSize)
        {
            (TNumber.WidenFirst(vector + place) * factor).Store(wide + place);
            (TNumber.WidenSecond(vector + place) * factor).Store(wide + place + Half);
        }

        for (; place < width; place++)
        {
            wide[place] = TNumber.Widen(vector[place]) * factor;
        }
    }

    /// <summary>Products of a vector with each of several.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Dots(float* wide, T* vectors, int count, int width, float* products)
    {
        var done = 0;
        for (; done <= count - Vector256<float>.Count; done += Vector256<float>.Count, vectors += Vector256<float>.Count * width)
        {
            Vector512<float> sum0 = default, sum1 = default, sum2 = default, sum3 = default, sum4 = default, sum5 = default, sum6 = default, sum7 = default;
            for (var place = 0; place <= width - GroupSize; place += GroupSize)
            {
                var (first, second) = (Vector512.Load(wide + place), Vector512.Load(wide + place + Half));
                var group = vectors + place;
                Accumulate(group, first, second, ref sum0);
                Accumulate(group + width, first, second, ref sum1);
                Accumulate(group + 2 * width, first, second, ref sum2);
                Accumulate(group + 3 * width, first, second, ref sum3);
                Accumulate(group + 4 * width, first, second, ref sum4);
                Accumulate(group + 5 * width, first, second, ref sum5);
                Accumulate(group + 6 * width, first, second, ref sum6);
                Accumulate(group + 7 * width, first, second, ref sum7);
            }

            VectorSums.Of(sum0, sum1, sum2, sum3, sum4, sum5, sum6, sum7).Store(products + done);
            for (var vector = 0; vector < Vector256<float>.Count; vector++)
            {
                products[done + vector] += RestOfDot(wide, vectors + vector * width, width);
            }
        }

        for (; done < count; done++, vectors += width)
        {
            var sum = Vector512<float>.Zero;
            for (var place = 0; place <= width - GroupSize; place += GroupSize)
            {
                Accumulate(vectors + place, Vector512.Load(wide + place), Vector512.Load(wide + place + Half), ref sum);
            }

            products[done] = Vector512.Sum(sum) + RestOfDot(wide, vectors, width);
        }
    }

    /// <summary>The sum of several vectors, each times its factor, times one for all.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Mix(T* vectors, float* factors, int count, float factor, T* mixed, int width)
    {
        var place = 0;
        for (; place <= width - GroupSize; place += GroupSize)
        {
            Vector512<float> first = default, second = default;
            var group = vectors + place;
            for (var vector = 0; vector < count; vector++, group += width)
            {
                var share = Vector512.Create(factors[vector]);
                first = Vector512.FusedMultiplyAdd(share, TNumber.WidenFirst(group), first);
                second = Vector512.FusedMultiplyAdd(share, TNumber.WidenSecond(group), second);
            }

            TNumber.Narrow(first * factor, second * factor, mixed + place);
        }

        for (; place < width; place++)
        {
            var sum = 0f;
            for (var vector = 0; vector < count; vector++)
            {
                sum += factors[vector] * TNumber.Widen(vectors[vector * width + place]);
            }

            mixed[place] = TNumber.Narrow(sum * factor);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Accumulate(T* group, Vector512<float> first, Vector512<float> second, ref Vector512<float> sum)
    {
        sum = Vector512.FusedMultiplyAdd(TNumber.WidenFirst(group), first, sum);
        sum = Vector512.FusedMultiplyAdd(TNumber.WidenSecond(group), second, sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float RestOfDot(float* wide, T* vector, int width)
    {
        var sum = 0f;
        for (var place = width / GroupSize * GroupSize; place < width; place++)
        {
            sum += wide[place] * TNumber.Widen(vector[place]);
        }

        return sum;
    }
}
