using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

using static TorchSharp.NativeMethods;

namespace TorchSharp;

/// <content>What the overloads of the creation functions have in common.</content>
public static partial class torch
{
    public static Tensor from_array(Array rawArray, Device device = null) =>
        from_array(rawArray, null, device);

    public static Tensor from_array(
        Array rawArray, ScalarType? dtype, Device device = null, bool requires_grad = false, string[] names = null) =>
        CreateFromArray(rawArray, ShapeOf(rawArray), dtype, device, requires_grad, names);

    public static Tensor as_tensor(Array data, ScalarType? dtype = null, Device device = null) =>
        from_array(data, dtype, device);

    public static Tensor as_tensor(Tensor data, ScalarType? dtype = null, Device device = null) =>
        data.to(dtype ?? data.dtype, device ?? data.device);

    /// <summary>A tensor over the array's own memory; the array stays pinned while the tensor lives.</summary>
    public static unsafe Tensor frombuffer(
        Array rawArray, ScalarType dtype, long count = -1L, long offset = 0L, bool requires_grad = false)
    {
        if (offset < 0 || offset >= rawArray.LongLength)
            throw new ArgumentException($"invalid value for 'offset': {offset}");
        if (count < 0)
            count = rawArray.LongLength - offset;
        if (count > rawArray.LongLength - offset)
            throw new IndexOutOfRangeException($"element count is too large: {count}");
        var elementType = ToScalarType(rawArray.GetType().GetElementType());
        var pin = GCHandle.Alloc(rawArray, GCHandleType.Pinned);
        var first = (byte*)pin.AddrOfPinnedObject() + offset * SizeOf(elementType);
        nint handle;
        Check(shim_tensor_share_memory(
            first, &count, 1, (int)elementType, &ReleasePin, GCHandle.ToIntPtr(pin), &handle));
        return Finish(new Tensor(handle), dtype, CPU, requires_grad);
    }

    [UnmanagedCallersOnly]
    private static void ReleasePin(nint pin) => GCHandle.FromIntPtr(pin).Free();

    internal static unsafe Tensor CreateFromArray(
        Array rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype, Device device, bool requires_grad,
        string[] names = null)
    {
        RejectNames(names);
        var elementType = ToScalarType(rawArray.GetType().GetElementType());
        var elements = 1L;
        foreach (var size in dimensions)
            elements *= size;
        if (elements > rawArray.LongLength)
            throw new ArgumentException(
                $"mismatched total size creating a tensor from an array: {elements} vs. {rawArray.LongLength}");
        nint handle;
        fixed (byte* data = &MemoryMarshal.GetArrayDataReference(rawArray))
        fixed (long* sizes = dimensions)
            Check(shim_tensor_copy_memory(
                data, elements * SizeOf(elementType), sizes, dimensions.Length, (int)elementType, &handle));
        return Finish(new Tensor(handle), dtype ?? elementType, InitializeDevice(device), requires_grad);
    }

    private static unsafe Tensor CreateFromScalar<T>(T scalar, ScalarType? dtype, Device device, bool requires_grad)
        where T : unmanaged
    {
        var elementType = ToScalarType(typeof(T));
        nint handle;
        Check(shim_tensor_copy_memory(&scalar, Unsafe.SizeOf<T>(), null, 0, (int)elementType, &handle));
        return Finish(new Tensor(handle), dtype ?? elementType, InitializeDevice(device), requires_grad);
    }

    private static Tensor Finish(Tensor created, ScalarType type, Device device, bool requiresGrad)
    {
        if (created.dtype != type || device.type != DeviceType.CPU)
            created = created.to(type, device, disposeAfter: true);
        return WithGrad(created, requiresGrad);
    }

    private static Tensor WithGrad(Tensor created, bool requiresGrad)
    {
        if (requiresGrad)
            created.requires_grad = true;
        return created;
    }

    private static long[] ShapeOf(Array array) =>
        Enumerable.Range(0, array.Rank).Select(array.GetLongLength).ToArray();

    private static void RejectNames(string[] names)
    {
        if (names is { Length: > 0 })
            throw new NotSupportedException("Tensors with named dimensions are not supported.");
    }

    private static Tensor CreateZeros(
        ReadOnlySpan<long> size, ScalarType? dtype, Device device, bool requires_grad, string[] names) =>
        Create(Operators.zeros, size, dtype, device, requires_grad, names);

    private static Tensor CreateOnes(
        ReadOnlySpan<long> size, ScalarType? dtype, Device device, bool requires_grad, string[] names) =>
        Create(Operators.ones, size, dtype, device, requires_grad, names);

    private static Tensor CreateEmpty(
        ReadOnlySpan<long> size, ScalarType? dtype, Device device, bool requires_grad, string[] names) =>
        Create(Operators.empty_memory_format, size, dtype, device, requires_grad, names);

    private static Tensor Create(
        Operator factory, ReadOnlySpan<long> size, ScalarType? dtype, Device device, bool requires_grad, string[] names)
    {
        RejectNames(names);
        return WithGrad(
            factory.Call(size, dtype ?? defaultType, Argument.None, InitializeDevice(device)), requires_grad);
    }

    private static Tensor CreateFull(
        ReadOnlySpan<long> size, Scalar value, ScalarType? dtype, Device device, bool requires_grad, string[] names)
    {
        RejectNames(names);
        var type = dtype ?? (is_integral(value.Type) ? ScalarType.Int64 : defaultType);
        return WithGrad(
            Operators.full.Call(size, value, type, Argument.None, InitializeDevice(device)), requires_grad);
    }

    private static Tensor CreateRand(
        ReadOnlySpan<long> size, Generator generator, ScalarType? dtype, Device device, bool requires_grad, string[] names) =>
        CreateRandom(Operators.rand_generator, size, generator, dtype, device, requires_grad, names);

    private static Tensor CreateRandn(
        ReadOnlySpan<long> size, Generator generator, ScalarType? dtype, Device device, bool requires_grad, string[] names) =>
        CreateRandom(Operators.randn_generator, size, generator, dtype, device, requires_grad, names);

    private static Tensor CreateRandom(
        Operator factory, ReadOnlySpan<long> size, Generator generator, ScalarType? dtype, Device device,
        bool requires_grad, string[] names)
    {
        RejectNames(names);
        return WithGrad(
            factory.Call(size, generator, dtype ?? defaultType, Argument.None, InitializeDevice(device)), requires_grad);
    }
}
