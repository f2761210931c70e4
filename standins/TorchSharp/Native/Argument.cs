using System;
using System.Collections.Generic;
using System.Text;

namespace TorchSharp;

/// <summary>
/// One argument of an operator call, made by implicit conversion from what the public API takes. It keeps the managed
/// object alive until the call is over; <see cref="Write"/> turns it into what the native side reads.
/// </summary>
internal readonly struct Argument
{
    private readonly object reference;
    private readonly long bits;
    private readonly ArgumentKind kind;
    private readonly int count;

    private Argument(ArgumentKind kind, long bits = 0, object reference = null, int count = 0)
    {
        this.kind = kind;
        this.bits = bits;
        this.reference = reference;
        this.count = count;
    }

    /// <summary>Leaves the argument at the operator's own default.</summary>
    internal static Argument Default => default;

    internal static Argument None => new(ArgumentKind.None);

    internal static Argument OptionalTensors(torch.Tensor[] tensors) =>
        new(ArgumentKind.OptionalTensorList, 0, tensors, tensors.Length);

    internal object Reference => reference;

    public static implicit operator Argument(torch.Tensor tensor) =>
        tensor is null ? None : new(ArgumentKind.Tensor, tensor.Handle, tensor);

    public static implicit operator Argument(bool value) => new(ArgumentKind.Bool, value ? 1 : 0);

    public static implicit operator Argument(long value) => new(ArgumentKind.Int, value);

    public static implicit operator Argument(long? value) => value is long given ? given : None;

    public static implicit operator Argument(double value) =>
        new(ArgumentKind.Double, BitConverter.DoubleToInt64Bits(value));

    public static implicit operator Argument(double? value) => value is double given ? given : None;

    public static implicit operator Argument(torch.ScalarType type) => new(ArgumentKind.Int, (long)type);

    public static implicit operator Argument(torch.ScalarType? type) => type is torch.ScalarType given ? given : None;

    public static implicit operator Argument(Scalar scalar) =>
        scalar is null ? None : new(scalar.Kind, scalar.Bits, scalar);

    public static implicit operator Argument(torch.Device device) =>
        device is null ? None : new(ArgumentKind.Device, (long)device.type, null, device.index);

    public static implicit operator Argument(torch.Generator generator) =>
        generator is null ? None : new(ArgumentKind.Generator, generator.Handle, generator);

    public static implicit operator Argument(string text) =>
        text is null ? None : new(ArgumentKind.String, 0, text, Encoding.UTF8.GetByteCount(text));

    public static implicit operator Argument(long[] values) =>
        values is null ? None : new(ArgumentKind.IntList, 0, values, values.Length);

    public static implicit operator Argument(ReadOnlySpan<long> values) => values.ToArray();

    public static implicit operator Argument(torch.Tensor[] tensors) =>
        tensors is null ? None : new(ArgumentKind.TensorList, 0, tensors, tensors.Length);

    public static implicit operator Argument(List<torch.Tensor> tensors) => tensors.ToArray();

    /// <summary>How many 8-byte words of scratch memory <see cref="Write"/> needs.</summary>
    internal int ScratchWords => kind switch
    {
        ArgumentKind.IntList or ArgumentKind.TensorList or ArgumentKind.OptionalTensorList => count,
        ArgumentKind.String => (count + 7) / 8,
        _ => 0,
    };

    internal unsafe void Write(NativeValue* target, long* scratch)
    {
        target->Kind = kind;
        target->Count = count;
        target->Integer = bits;
        switch (kind)
        {
            case ArgumentKind.Complex:
                target->Imaginary = ((Scalar)reference).Imaginary;
                break;
            case ArgumentKind.IntList:
                ((long[])reference).CopyTo(new Span<long>(scratch, count));
                target->Pointer = (nint)scratch;
                break;
            case ArgumentKind.TensorList:
            case ArgumentKind.OptionalTensorList:
                var tensors = (torch.Tensor[])reference;
                for (var i = 0; i < count; i++)
                    scratch[i] = tensors[i] is null ? 0 : tensors[i].Handle;
                target->Pointer = (nint)scratch;
                break;
            case ArgumentKind.String:
                Encoding.UTF8.GetBytes((string)reference, new Span<byte>(scratch, count));
                target->Pointer = (nint)scratch;
                break;
        }
    }
}
