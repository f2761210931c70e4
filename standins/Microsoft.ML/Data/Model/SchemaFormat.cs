using System.Reflection;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>
/// The schema of a model's input as a stream: "MLSCHEMA", the number of columns, and for each its name, its type and its
/// annotations with their values. A type is a data kind, with the key count and the dimensions of a vector.
/// </summary>
internal static class SchemaFormat
{
    private const ulong Signature = 0x414D454843534C4D;
    private const byte RowIdKind = 64;

    private static readonly GenericMethod ValueWriter = new(typeof(SchemaFormat), nameof(WriteAnnotation));
    private static readonly GenericMethod ValueReader = new(typeof(SchemaFormat), nameof(ReadAnnotation));

    public static void Write(BinaryWriter writer, DataViewSchema schema)
    {
        writer.Write(Signature);
        WriteColumns(writer, schema);
    }

    public static DataViewSchema Read(IExceptionContext context, BinaryReader reader)
    {
        try
        {
            context.CheckDecode(reader.ReadUInt64() == Signature, "Unknown schema format");
            var builder = new DataViewSchema.Builder();
            int count = reader.ReadInt32();
            for (int i = 0; i < count; i++)
                builder.AddColumn(reader.ReadString(), ReadType(context, reader), ReadAnnotations(context, reader));
            return builder.ToSchema();
        }
        catch (Exception exception) when (exception is EndOfStreamException or ArgumentException or OverflowException)
        {
            throw context.ExceptDecode(exception, "Corrupt schema in model file");
        }
    }

    private static void WriteColumns(BinaryWriter writer, DataViewSchema schema)
    {
        writer.Write(schema.Count);
        foreach (DataViewSchema.Column column in schema)
        {
            writer.Write(column.Name);
            WriteType(writer, column.Type);
            DataViewSchema.Annotations annotations = column.Annotations;
            writer.Write(annotations.Schema.Count);
            foreach (DataViewSchema.Column annotation in annotations.Schema)
            {
                writer.Write(annotation.Name);
                WriteType(writer, annotation.Type);
                ValueWriter.Call<object>(annotation.Type.ItemType().RawType, writer, annotations, annotation);
            }
        }
    }

    private static DataViewSchema.Annotations ReadAnnotations(IExceptionContext context, BinaryReader reader)
    {
        var builder = new DataViewSchema.Annotations.Builder();
        int count = reader.ReadInt32();
        for (int i = 0; i < count; i++)
        {
            string name = reader.ReadString();
            DataViewType type = ReadType(context, reader);
            builder.Add(name, type, ValueReader.Call<Delegate>(type.ItemType().RawType, reader, type));
        }
        return builder.ToAnnotations();
    }

    public static void WriteType(BinaryWriter writer, DataViewType type)
    {
        DataViewType item = type.ItemType();
        writer.Write(item is RowIdDataViewType ? RowIdKind : (byte)(PrimitiveTypes.KindOf(item)
            ?? throw Contracts.ExceptNotSupp(null, $"A column of type {item} cannot be saved with a model")));
        writer.Write(item is KeyDataViewType key ? key.Count : 0UL);
        int[] dimensions = type is VectorDataViewType vector ? [.. vector.Dimensions] : [];
        writer.Write(dimensions.Length);
        foreach (int size in dimensions)
            writer.Write(size);
    }

    public static DataViewType ReadType(IExceptionContext context, BinaryReader reader)
    {
        byte kind = reader.ReadByte();
        context.CheckDecode(kind == RowIdKind || Enum.IsDefined((DataKind)kind));
        PrimitiveDataViewType item = kind == RowIdKind ? RowIdDataViewType.Instance : PrimitiveTypes.FromKind((DataKind)kind);
        ulong keyCount = reader.ReadUInt64();
        if (keyCount > 0)
            item = new KeyDataViewType(item.RawType, keyCount);
        int dimensionCount = reader.ReadInt32();
        context.CheckDecode(dimensionCount is >= 0 and < 64);
        return dimensionCount == 0 ? item : new VectorDataViewType(item, Enumerable.Range(0, dimensionCount).Select(_ => reader.ReadInt32()).ToArray());
    }

    private static object WriteAnnotation<T>(BinaryWriter writer, DataViewSchema.Annotations annotations, DataViewSchema.Column annotation)
    {
        VBuffer<T> values = default;
        if (annotation.Type is VectorDataViewType)
        {
            annotations.GetValue(annotation.Name, ref values);
        }
        else
        {
            T value = default;
            annotations.GetValue(annotation.Name, ref value);
            values = new VBuffer<T>(1, [value]);
        }
        writer.Write(values.Length);
        foreach (T value in values.DenseValues())
            ValueFormat<T>.Write(writer, value);
        return null;
    }

    private static Delegate ReadAnnotation<T>(BinaryReader reader, DataViewType type)
    {
        int count = reader.ReadInt32();
        var values = new List<T>();
        for (int i = 0; i < count; i++)
            values.Add(ValueFormat<T>.Read(reader));
        if (type is not VectorDataViewType)
            return (ValueGetter<T>)((ref T value) => value = values[0]);
        var buffer = new VBuffer<T>(values.Count, [.. values]);
        return (ValueGetter<VBuffer<T>>)((ref VBuffer<T> value) => buffer.CopyTo(ref value));
    }
}
