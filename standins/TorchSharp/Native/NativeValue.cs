using System.Runtime.InteropServices;

namespace TorchSharp;

/// <summary>How an argument or result of an operator is to be read; the numbers are those of native/operators.cpp.</summary>
internal enum ArgumentKind
{
    Default = 0,
    None = 1,
    Bool = 2,
    Int = 3,
    Double = 4,
    Complex = 5,
    Tensor = 6,
    IntList = 7,
    TensorList = 8,
    OptionalTensorList = 9,
    String = 10,
    Device = 11,
    Generator = 12,
    DoubleList = 13,
}

/// <summary>One argument or result as the native side sees it.</summary>
[StructLayout(LayoutKind.Explicit, Size = 24)]
internal struct NativeValue
{
    [FieldOffset(0)] internal ArgumentKind Kind;
    [FieldOffset(4)] internal int Count;
    [FieldOffset(8)] internal long Integer;
    [FieldOffset(8)] internal double Real;
    [FieldOffset(8)] internal nint Pointer;
    [FieldOffset(16)] internal double Imaginary;
}
