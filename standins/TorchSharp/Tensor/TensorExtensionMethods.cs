using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using TorchSharp.Modules;

using static TorchSharp.torch;

namespace TorchSharp;

public static class TensorExtensionMethods
{
    public static bool ToBoolean(this Tensor value) => Only(value).ToBoolean();

    public static byte ToByte(this Tensor value) => Only(value).ToByte();

    public static sbyte ToSByte(this Tensor value) => Only(value).ToSByte();

    public static short ToInt16(this Tensor value) => Only(value).ToInt16();

    public static int ToInt32(this Tensor value) => Only(value).ToInt32();

    public static long ToInt64(this Tensor value) => Only(value).ToInt64();

    public static Half ToHalf(this Tensor value) => Only(value).ToHalf();

    public static float ToSingle(this Tensor value) => Only(value).ToSingle();

    public static double ToDouble(this Tensor value) => Only(value).ToDouble();

    public static Parameter AsParameter(this Tensor tensor) => new(tensor);

    public static int ElementSize(this ScalarType type) => SizeOf(type);

    public static long TotalSize(this IEnumerable<long> shape) => shape.Aggregate(1L, (product, size) => product * size);

    public static Tensor ToTensor<T>(this T[] rawArray, long[] dimensions, bool doCopy = false, bool requires_grad = false) =>
        CreateFromArray(rawArray, dimensions, null, null, requires_grad);

    /// <summary>Writes element type, shape and bytes.</summary>
    public static void Save(this Tensor tensor, BinaryWriter writer)
    {
        using var local = tensor.to(CPU);
        writer.WriteLeb128((long)local.dtype);
        writer.WriteLeb128(local.Dimensions);
        foreach (var size in local.shape)
            writer.WriteLeb128(size);
        local.WriteBytesToStream(writer.BaseStream);
    }

    public static void Save(this Tensor tensor, Stream stream)
    {
        using var writer = new BinaryWriter(stream);
        tensor.Save(writer);
    }

    /// <summary>Reads into an existing tensor of the same element type and shape.</summary>
    public static void Load(this Tensor tensor, BinaryReader reader, bool skip = false)
    {
        var (type, shape) = ReadHeader(reader);
        if (type != tensor.dtype)
            throw new ArgumentException("Mismatched tensor data types while loading. Make sure that the model you are loading into is exactly the same as the origin.");
        if (!skip && !shape.AsSpan().SequenceEqual(tensor.shape))
            throw new ArgumentException("Mismatched tensor shape while loading. Make sure that the model you are loading into is exactly the same as the origin.");
        using var loaded = empty(shape, type, CPU);
        loaded.ReadBytesFromStream(reader.BaseStream);
        using var mode = no_grad();
        if (!skip)
            tensor.copy_(loaded);
    }

    public static Tensor Load(BinaryReader reader, bool skip = false)
    {
        var (type, shape) = ReadHeader(reader);
        var loaded = empty(shape, type, CPU);
        loaded.ReadBytesFromStream(reader.BaseStream);
        return loaded;
    }

    private static (ScalarType, long[]) ReadHeader(BinaryReader reader)
    {
        var type = (ScalarType)reader.ReadLeb128();
        var shape = new long[reader.ReadLeb128()];
        for (var i = 0; i < shape.Length; i++)
            shape[i] = reader.ReadLeb128();
        return (type, shape);
    }

    private static Scalar Only(Tensor value)
    {
        if (value.NumberOfElements != 1)
            throw new ArgumentException("Number of elements in the tensor must be 1");
        return value.ToScalar();
    }
}
