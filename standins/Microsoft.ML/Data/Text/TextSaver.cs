using System.Globalization;
using System.Text;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>Writes rows as lines that a <see cref="TextLoader"/> with quoting reads back.</summary>
internal sealed class TextSaver(char separator, bool headerRow, bool schemaComment)
{
    private static readonly GenericMethod ScalarWriter = new(typeof(TextSaver), nameof(MakeScalarWriter));
    private static readonly GenericMethod VectorWriter = new(typeof(TextSaver), nameof(MakeVectorWriter));

    public void Save(IDataView data, DataViewSchema.Column[] columns, Stream stream)
    {
        using var writer = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true);
        bool hasHeader = headerRow && columns.Any(column => column.Type is not VectorDataViewType || column.HasSlotNames());
        if (schemaComment)
            WriteSchema(writer, columns, hasHeader);
        if (hasHeader)
            writer.WriteLine(string.Join(separator, columns.SelectMany(HeaderOf)));
        using DataViewRowCursor cursor = data.GetRowCursor(columns);
        Func<IEnumerable<string>>[] readers = columns.Select(column => ReaderOf(cursor, column)).ToArray();
        while (cursor.MoveNext())
            writer.WriteLine(string.Join(separator, readers.SelectMany(read => read())));
    }

    private Func<IEnumerable<string>> ReaderOf(DataViewRow row, DataViewSchema.Column column) => column.Type is VectorDataViewType vector
        ? VectorWriter.Call<Func<IEnumerable<string>>>(vector.ItemType.RawType, this, row, column)
        : ScalarWriter.Call<Func<IEnumerable<string>>>(column.Type.RawType, this, row, column);

    private static Func<IEnumerable<string>> MakeScalarWriter<T>(TextSaver saver, DataViewRow row, DataViewSchema.Column column)
    {
        ValueGetter<T> getter = row.GetGetter<T>(column);
        T value = default;
        return () =>
        {
            getter(ref value);
            return [saver.TextOf(value, column.Type)];
        };
    }

    private static Func<IEnumerable<string>> MakeVectorWriter<T>(TextSaver saver, DataViewRow row, DataViewSchema.Column column)
    {
        ValueGetter<VBuffer<T>> getter = row.GetGetter<VBuffer<T>>(column);
        VBuffer<T> value = default;
        return () =>
        {
            getter(ref value);
            return value.DenseValues().Select(item => saver.TextOf(item, column.Type.ItemType()));
        };
    }

    private string TextOf<T>(T value, DataViewType type) => value switch
    {
        ReadOnlyMemory<char> text => Quote(text.Span),
        _ when type is KeyDataViewType => Convert.ToUInt64(value) is var key && key == 0 ? "" : (key - 1).ToString(CultureInfo.InvariantCulture),
        TimeSpan or DateTime or DateTimeOffset => Quote(Conversions.Format(value)),
        _ => Conversions.Format(value),
    };

    private string Quote(ReadOnlySpan<char> text)
    {
        bool plain = !text.IsEmpty && text[0] != ' ' && text.IndexOfAny(['"', ':', '\n', separator]) < 0;
        return plain ? text.ToString() : $"\"{text.ToString().Replace("\"", "\"\"")}\"";
    }

    private IEnumerable<string> HeaderOf(DataViewSchema.Column column)
    {
        if (column.Type is not VectorDataViewType vector)
            return [Quote(column.Name)];
        VBuffer<ReadOnlyMemory<char>> names = default;
        if (column.HasSlotNames())
            column.GetSlotNames(ref names);
        return names.Length > 0 ? names.DenseValues().Select(name => Quote(name.Span)) : Enumerable.Repeat("\"\"", vector.Size);
    }

    private void WriteSchema(StreamWriter writer, DataViewSchema.Column[] columns, bool hasHeader)
    {
        writer.WriteLine("#@ TextLoader{");
        if (hasHeader)
            writer.WriteLine("#@   header+");
        string name = separator switch { '\t' => "tab", ' ' => "space", ',' => "comma", ';' => "semicolon", '|' => "bar", _ => separator.ToString() };
        writer.WriteLine($"#@   sep={name}");
        int field = 0;
        foreach (DataViewSchema.Column column in columns)
        {
            int size = column.Type is VectorDataViewType vector ? vector.Size : 1;
            string range = column.Type is not VectorDataViewType ? $"{field}" : size == 0 ? $"{field}-**" : $"{field}-{field + size - 1}";
            writer.WriteLine($"#@   col={column.Name}:{KindName(column.Type.ItemType())}:{range}");
            field += size;
        }
        writer.WriteLine("#@ }");
    }

    private static string KindName(DataViewType type)
    {
        string kind = PrimitiveTypes.KindOf(type) switch
        {
            DataKind.SByte => "I1",
            DataKind.Byte => "U1",
            DataKind.Int16 => "I2",
            DataKind.UInt16 => "U2",
            DataKind.Int32 => "I4",
            DataKind.UInt32 => "U4",
            DataKind.Int64 => "I8",
            DataKind.UInt64 => "U8",
            DataKind.Single => "R4",
            DataKind.Double => "R8",
            DataKind.String => "TX",
            DataKind.Boolean => "BL",
            DataKind.TimeSpan => "TS",
            DataKind.DateTime => "DT",
            DataKind.DateTimeOffset => "DZ",
            _ => throw Contracts.ExceptNotSupp(null, $"Columns of type {type} cannot be saved as text"),
        };
        return type is KeyDataViewType key ? $"{kind}[{key.Count}]" : kind;
    }
}
