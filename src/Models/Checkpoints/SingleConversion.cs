using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MLNetLlm.Models;

/// <summary>
/// Turns stored numbers into 32-bit ones and says in the same pass whether all are finite. Widening is exact: denormal
/// numbers and the sign of zero stay.
/// </summary>
internal static class SingleConversion
{
    private const uint SingleExponent = 0x7F80_0000;
    private const int BFloat16Exponent = 0x7F80;
    private const int HalfExponent = 0x7C00;
    private const int HalfMagnitude = 0x7FFF;

    // Moved into a 32-bit number's bits, a 16-bit number is smaller by the difference of the exponents' biases.
    private const float HalfScale = 5.192296858534828e+33f;

    public static bool Converts(string type) => type is "F32" or "BF16" or "F16" or "F64";

    /// <param name="type">One that <see cref="Converts"/>.</param>
    /// <param name="stored">The numbers as the file holds them.</param>
    /// <param name="target">As many numbers.</param>
    /// <returns>Whether all numbers are finite.</returns>
    public static bool Convert(string type, ReadOnlySpan<byte> stored, Span<float> target)
    {
        switch (type)
        {
            case "F32":
                stored.CopyTo(MemoryMarshal.AsBytes(target));
                break;
            case "BF16":
                return FromBFloat16(MemoryMarshal.Cast<byte, ushort>(stored), target);
            case "F16":
                return FromHalf(MemoryMarshal.Cast<byte, ushort>(stored), target);
            case "F64":
                FromDouble(MemoryMarshal.Cast<byte, double>(stored), target);
                break;
            default:
                throw new ArgumentException($"Numbers of type {type} are no weights.", nameof(type));
        }

        return AreFinite(target);
    }

    /// <summary>Whether no value is infinite or not a number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool AreFinite(ReadOnlySpan<float> values)
    {
        var bits = MemoryMarshal.Cast<float, uint>(values);
        var mask = new Vector<uint>(SingleExponent);
        var (first, second) = (Vector<uint>.Zero, Vector<uint>.Zero);
        var i = 0;
        for (; i <= bits.Length - 2 * Vector<uint>.Count; i += 2 * Vector<uint>.Count)
        {
            first = Vector.Max(first, new Vector<uint>(bits[i..]) & mask);
            second = Vector.Max(second, new Vector<uint>(bits[(i + Vector<uint>.Count)..]) & mask);
        }

        var areFinite = !Vector.EqualsAny(Vector.Max(first, second), mask);
        for (; i < bits.Length; i++)
        {
            areFinite &= (bits[i] & SingleExponent) != SingleExponent;
        }

        return areFinite;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool FromBFloat16(ReadOnlySpan<ushort> stored, Span<float> target)
    {
        var bits = MemoryMarshal.Cast<float, uint>(target);
        var exponent = new Vector<ushort>(BFloat16Exponent);
        var largest = Vector<ushort>.Zero;
        var i = 0;
        for (; i <= stored.Length - Vector<ushort>.Count; i += Vector<ushort>.Count)
        {
            var numbers = new Vector<ushort>(stored[i..]);
            largest = Vector.Max(largest, numbers & exponent);
            Vector.Widen(numbers, out var low, out var high);
            (low << 16).CopyTo(bits[i..]);
            (high << 16).CopyTo(bits[(i + Vector<uint>.Count)..]);
        }

        var areFinite = !Vector.EqualsAny(largest, exponent);
        for (; i < stored.Length; i++)
        {
            bits[i] = (uint)stored[i] << 16;
            areFinite &= (stored[i] & BFloat16Exponent) != BFloat16Exponent;
        }

        return areFinite;
    }

    // Infinite ones and those that are no number do not come out as such here, so they are looked for among the stored bits.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool FromHalf(ReadOnlySpan<ushort> stored, Span<float> target)
    {
        var bits = MemoryMarshal.Cast<float, uint>(target);
        var exponent = new Vector<ushort>(HalfExponent);
        var largest = Vector<ushort>.Zero;
        var i = 0;
        for (; i <= stored.Length - Vector<ushort>.Count; i += Vector<ushort>.Count)
        {
            var halves = new Vector<ushort>(stored[i..]);
            largest = Vector.Max(largest, halves & exponent);
            Vector.Widen(halves, out var low, out var high);
            WidenHalf(low).CopyTo(bits[i..]);
            WidenHalf(high).CopyTo(bits[(i + Vector<uint>.Count)..]);
        }

        var areFinite = !Vector.EqualsAny(largest, exponent);
        for (; i < stored.Length; i++)
        {
            target[i] = (float)BitConverter.UInt16BitsToHalf(stored[i]);
            areFinite &= (stored[i] & HalfExponent) != HalfExponent;
        }

        return areFinite;
    }

    private static Vector<uint> WidenHalf(Vector<uint> halves)
    {
        var magnitude = (halves & new Vector<uint>(HalfMagnitude)) << 13;
        var sign = (halves & new Vector<uint>(HalfMagnitude + 1)) << 16;
        return Vector.AsVectorUInt32(Vector.AsVectorSingle(magnitude) * HalfScale) | sign;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FromDouble(ReadOnlySpan<double> stored, Span<float> target)
    {
        var i = 0;
        for (; i <= stored.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector.Narrow(new Vector<double>(stored[i..]), new Vector<double>(stored[(i + Vector<double>.Count)..])).CopyTo(target[i..]);
        }

        for (; i < stored.Length; i++)
        {
            target[i] = (float)stored[i];
        }
    }
}
