using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MLNetLlm.Models;

/// <summary>Arithmetic on vectors of one head, of some number type in memory and of 32 bits in registers.</summary>
internal unsafe interface IHeadVectors<T>
    where T : unmanaged
{
    /// <summary>Widens a vector into the order in which <see cref="Dot"/> reads it.</summary>
    void Load(T* source, float* target, int width);

    float Dot(float* wide, T* vector, int width);

    void AddScaled(float* sums, T* vector, float factor, int width);

    /// <summary>Narrows sums of <see cref="AddScaled"/>.</summary>
    void Store(float* sums, T* target, int width);
}

internal sealed unsafe class Float32Vectors : IHeadVectors<float>
{
    public void Load(float* source, float* target, int width) => new ReadOnlySpan<float>(source, width).CopyTo(new Span<float>(target, width));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public float Dot(float* wide, float* vector, int width)
    {
        var sums = Vector512<float>.Zero;
        var place = 0;
        for (; place <= width - Vector512<float>.Count; place += Vector512<float>.Count)
        {
            sums = Vector512.FusedMultiplyAdd(Vector512.Load(wide + place), Vector512.Load(vector + place), sums);
        }

        var sum = Vector512.Sum(sums);
        for (; place < width; place++)
        {
            sum += wide[place] * vector[place];
        }

        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void AddScaled(float* sums, float* vector, float factor, int width)
    {
        var factors = Vector512.Create(factor);
        var place = 0;
        for (; place <= width - Vector512<float>.Count; place += Vector512<float>.Count)
        {
            Vector512.FusedMultiplyAdd(factors, Vector512.Load(vector + place), Vector512.Load(sums + place)).Store(sums + place);
        }

        for (; place < width; place++)
        {
            sums[place] += factor * vector[place];
        }
    }

    public void Store(float* sums, float* target, int width) => Load(sums, target, width);
}

/// <summary>Of each 32 numbers the even ones are widened by a shift and the odd ones by a mask, and stand in this order in 32 bits.</summary>
internal sealed unsafe class BFloat16Vectors : IHeadVectors<ushort>
{
    private const int GroupSize = 32;
    private const int Half = GroupSize / 2;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Load(ushort* source, float* target, int width)
    {
        for (var place = 0; place < width; place++)
        {
            target[PlaceOf(place, width)] = BFloat16Bits.Widen(source[place]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public float Dot(float* wide, ushort* vector, int width)
    {
        var sums = Vector512<float>.Zero;
        var place = 0;
        for (; place <= width - GroupSize; place += GroupSize)
        {
            var pairs = Vector512.Load((uint*)(vector + place));
            sums = Vector512.FusedMultiplyAdd(Vector512.Load(wide + place), BFloat16Bits.WidenEven(pairs), sums);
            sums = Vector512.FusedMultiplyAdd(Vector512.Load(wide + place + Half), BFloat16Bits.WidenOdd(pairs), sums);
        }

        var sum = Vector512.Sum(sums);
        for (; place < width; place++)
        {
            sum += wide[place] * BFloat16Bits.Widen(vector[place]);
        }

        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void AddScaled(float* sums, ushort* vector, float factor, int width)
    {
        var factors = Vector512.Create(factor);
        var place = 0;
        for (; place <= width - GroupSize; place += GroupSize)
        {
            var pairs = Vector512.Load((uint*)(vector + place));
            Vector512.FusedMultiplyAdd(factors, BFloat16Bits.WidenEven(pairs), Vector512.Load(sums + place)).Store(sums + place);
            Vector512.FusedMultiplyAdd(factors, BFloat16Bits.WidenOdd(pairs), Vector512.Load(sums + place + Half)).Store(sums + place + Half);
        }

        for (; place < width; place++)
        {
            sums[place] += factor * BFloat16Bits.Widen(vector[place]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Store(float* sums, ushort* target, int width)
    {
        for (var place = 0; place < width; place++)
        {
            target[place] = BFloat16Bits.Narrow(sums[PlaceOf(place, width)]);
        }
    }

    private static int PlaceOf(int place, int width)
    {
        var group = place / GroupSize * GroupSize;
        var within = place - group;
        return group + GroupSize > width ? place : group + within / 2 + within % 2 * Half;
    }
}
