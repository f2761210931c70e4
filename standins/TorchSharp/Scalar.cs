using System;
using System.Numerics;

namespace TorchSharp;

/// <summary>A number of any type on its way to libtorch.</summary>
public sealed class Scalar : IDisposable
{
    internal Scalar(bool value)
    {
        Kind = ArgumentKind.Bool;
        Bits = value ? 1 : 0;
    }

    internal Scalar(long value)
    {
        Kind = ArgumentKind.Int;
        Bits = value;
    }

    internal Scalar(double value)
    {
        Kind = ArgumentKind.Double;
        Bits = BitConverter.DoubleToInt64Bits(value);
    }

    internal Scalar(Complex value)
    {
        Kind = ArgumentKind.Complex;
        Bits = BitConverter.DoubleToInt64Bits(value.Real);
        Imaginary = value.Imaginary;
    }

    internal Scalar(NativeValue value)
    {
        Kind = value.Kind;
        Bits = value.Integer;
        Imaginary = value.Imaginary;
    }

    internal ArgumentKind Kind { get; }

    internal long Bits { get; }

    internal double Imaginary { get; }

    public torch.ScalarType Type => Kind switch
    {
        ArgumentKind.Bool => torch.ScalarType.Bool,
        ArgumentKind.Int => torch.ScalarType.Int64,
        ArgumentKind.Double => torch.ScalarType.Float64,
        _ => torch.ScalarType.ComplexFloat64,
    };

    internal double AsDouble => Kind switch
    {
        ArgumentKind.Bool or ArgumentKind.Int => Bits,
        _ => BitConverter.Int64BitsToDouble(Bits),
    };

    internal long AsLong => Kind switch
    {
        ArgumentKind.Bool or ArgumentKind.Int => Bits,
        _ => (long)BitConverter.Int64BitsToDouble(Bits),
    };

    public static implicit operator Scalar(bool value) => new(value);

    public static implicit operator Scalar(byte value) => new((long)value);

    public static implicit operator Scalar(sbyte value) => new((long)value);

    public static implicit operator Scalar(short value) => new((long)value);

    public static implicit operator Scalar(int value) => new((long)value);

    public static implicit operator Scalar(long value) => new(value);

    public static implicit operator Scalar(Half value) => new((double)value);

    public static implicit operator Scalar(float value) => new((double)value);

    public static implicit operator Scalar(double value) => new(value);

    public static implicit operator Scalar((float, float) value) => new(new Complex(value.Item1, value.Item2));

    public static implicit operator Scalar(Complex value) => new(value);

    public void Dispose()
    {
    }
}

public static class ScalarExtensionMethods
{
    public static Scalar ToScalar(this bool value) => value;

    public static Scalar ToScalar(this byte value) => value;

    public static Scalar ToScalar(this sbyte value) => value;

    public static Scalar ToScalar(this short value) => value;

    public static Scalar ToScalar(this int value) => value;

    public static Scalar ToScalar(this long value) => value;

    public static Scalar ToScalar(this Half value) => value;

    public static Scalar ToScalar(this float value) => value;

    public static Scalar ToScalar(this double value) => value;

    public static bool ToBoolean(this Scalar value) => value.AsDouble != 0;

    public static byte ToByte(this Scalar value) => (byte)value.AsLong;

    public static sbyte ToSByte(this Scalar value) => (sbyte)value.AsLong;

    public static short ToInt16(this Scalar value) => (short)value.AsLong;

    public static int ToInt32(this Scalar value) => (int)value.AsLong;

    public static long ToInt64(this Scalar value) => value.AsLong;

    public static Half ToHalf(this Scalar value) => (Half)value.AsDouble;

    public static float ToSingle(this Scalar value) => (float)value.AsDouble;

    public static double ToDouble(this Scalar value) => value.AsDouble;
}
