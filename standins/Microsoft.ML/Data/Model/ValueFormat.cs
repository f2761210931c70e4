using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>How values of the primitive column types are written in model files.</summary>
internal static class ValueFormat<T>
{
    public static readonly Action<BinaryWriter, T> Write = (Action<BinaryWriter, T>)ValueFormats.WriterOf(typeof(T));
    public static readonly Func<BinaryReader, T> Read = (Func<BinaryReader, T>)ValueFormats.ReaderOf(typeof(T));
}

internal static class ValueFormats
{
    private static readonly Dictionary<Type, (Delegate Write, Delegate Read)> Formats = new()
    {
        [typeof(sbyte)] = Pair((writer, value) => writer.Write(value), reader => reader.ReadSByte()),
        [typeof(byte)] = Pair((writer, value) => writer.Write(value), reader => reader.ReadByte()),
        [typeof(short)] = Pair((writer, value) => writer.Write(value), reader => reader.ReadInt16()),
        [typeof(ushort)] = Pair((writer, value) => writer.Write(value), reader => reader.ReadUInt16()),
        [typeof(int)] = Pair((writer, value) => writer.Write(value), reader => reader.ReadInt32()),
        [typeof(uint)] = Pair((writer, value) => writer.Write(value), reader => reader.ReadUInt32()),
        [typeof(long)] = Pair((writer, value) => writer.Write(value), reader => reader.ReadInt64()),
        [typeof(ulong)] = Pair((writer, value) => writer.Write(value), reader => reader.ReadUInt64()),
        [typeof(float)] = Pair((writer, value) => writer.Write(value), reader => reader.ReadSingle()),
        [typeof(double)] = Pair((writer, value) => writer.Write(value), reader => reader.ReadDouble()),
        [typeof(bool)] = Pair((writer, value) => writer.Write(value), reader => reader.ReadBoolean()),
        [typeof(ReadOnlyMemory<char>)] = Pair((writer, value) => writer.Write(value.ToString()), reader => reader.ReadString().AsMemory()),
        [typeof(TimeSpan)] = Pair((writer, value) => writer.Write(value.Ticks), reader => new TimeSpan(reader.ReadInt64())),
        [typeof(DateTime)] = Pair((writer, value) => writer.Write(value.Ticks), reader => new DateTime(reader.ReadInt64())),
        [typeof(DateTimeOffset)] = Pair<DateTimeOffset>(
            (writer, value) =>
            {
                writer.Write(value.Ticks);
                writer.Write(value.Offset.Ticks);
            },
            reader => new DateTimeOffset(reader.ReadInt64(), new TimeSpan(reader.ReadInt64()))),
        [typeof(DataViewRowId)] = Pair<DataViewRowId>(
            (writer, value) =>
            {
                writer.Write(value.Low);
                writer.Write(value.High);
            },
            reader => new DataViewRowId(reader.ReadUInt64(), reader.ReadUInt64())),
    };

    public static Delegate WriterOf(Type type) => Find(type).Write;

    public static Delegate ReaderOf(Type type) => Find(type).Read;

    private static (Delegate Write, Delegate Read) Find(Type type) => Formats.TryGetValue(type, out (Delegate, Delegate) format)
        ? format
        : throw Contracts.ExceptNotSupp(null, $"Values of type {type} cannot be saved with a model");

    private static (Delegate, Delegate) Pair<T>(Action<BinaryWriter, T> write, Func<BinaryReader, T> read) => (write, read);
}
