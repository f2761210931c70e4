using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MLNetLlm.Models;

/// <summary>bfloat16 numbers as bits: the upper half of a 32-bit number.</summary>
internal static class BFloat16Bits
{
    private const ushort NaN = 0x7FC0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Widen(ushort value) => BitConverter.UInt32BitsToSingle((uint)value << 16);

    /// <summary>The nearest, of two equally near ones the even one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ushort Narrow(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        return float.IsNaN(value) ? NaN : (ushort)(bits + 0x7FFF + (bits >> 16 & 1) >> 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Widen(Vector128<ushort> values)
    {
        var (lower, upper) = Vector128.Widen(values);
        return Vector256.ShiftLeft(Vector256.Create(lower, upper), 16).AsSingle();
    }

    /// <summary>The nearest, of two equally near ones the even one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ushort> Narrow(Vector256<float> values)
    {
        var bits = values.AsUInt32();
        var rounded = bits + Vector256.Create(0x7FFFu) + (bits >>> 16 & Vector256<uint>.One) >>> 16;
        var numbers = Vector256.ConditionalSelect(Vector256.IsNaN(values).AsUInt32(), Vector256.Create((uint)NaN), rounded);
        return Vector128.Narrow(numbers.GetLower(), numbers.GetUpper());
    }

    /// <summary>Numbers 0, 2, 4 ... of neighbouring pairs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> WidenEven(Vector512<uint> pairs) => Vector512.ShiftLeft(pairs, 16).AsSingle();

    /// <summary>Numbers 1, 3, 5 ... of neighbouring pairs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> WidenOdd(Vector512<uint> pairs) => (pairs & Vector512.Create(0xFFFF0000u)).AsSingle();

    /// <summary>Neighbouring pairs of the nearest numbers, of two equally near ones the even one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> NarrowPairs(Vector512<float> even, Vector512<float> odd) =>
        Round(even) >>> 16 | Round(odd) & Vector512.Create(0xFFFF0000u);

    /// <summary>Bits whose upper halves are the nearest numbers, of two equally near ones the even one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Round(Vector512<float> values)
    {
        var bits = values.AsUInt32();
        var rounded = bits + Vector512.Create(0x7FFFu) + (bits >>> 16 & Vector512<uint>.One);
        return Vector512.ConditionalSelect(Vector512.IsNaN(values).AsUInt32(), Vector512.Create((uint)NaN << 16), rounded);
    }
}
