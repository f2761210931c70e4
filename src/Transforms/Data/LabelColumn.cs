using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace MLNetLlm.Transforms;

/// <summary>Reads a label column into memory.</summary>
internal static class LabelColumn
{
    /// <summary>Checks the label column before any data is there.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The column is missing, or not Boolean (binary), or not a key (multiclass).</exception>
    public static void Check(IExceptionContext context, SchemaShape schema, string name, bool binary)
    {
        SchemaShape.Column column = ColumnChecks.Find(schema, name) ?? throw ColumnChecks.Missing(context, "label", name);
        bool fits = binary ? column.ItemType is BooleanDataViewType : column.IsKey;
        if (column.Kind != SchemaShape.Column.VectorKind.Scalar || !fits)
            throw ColumnChecks.Mismatch(context, "label", name, binary ? "Boolean" : "Key", ColumnChecks.Describe(column));
    }

    /// <summary>1 for true, 0 for false, in the order of the rows.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The column is missing or not Boolean.</exception>
    public static IReadOnlyList<int> ReadBoolean(IExceptionContext context, IDataView data, string name)
    {
        DataViewSchema.Column column = Find(context, data, name);
        return column.Type is BooleanDataViewType
            ? ReadAll(data, column, (bool value) => value ? 1 : 0)
            : throw ColumnChecks.Mismatch(context, "label", name, "Boolean", column.Type.ToString()!);
    }

    /// <summary>The key's values, numbers where it has no texts, and which of them, counted from 0, each row has.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The column is missing or not a key.</exception>
    /// <exception cref="InvalidOperationException">Rows have no label; the message gives their numbers.</exception>
    public static (IReadOnlyList<string> Labels, IReadOnlyList<int> Indices) ReadKey(IExceptionContext context, IDataView data, string name)
    {
        DataViewSchema.Column column = Find(context, data, name);
        if (column.Type is not KeyDataViewType { Count: > 0 and <= int.MaxValue } key)
            throw ColumnChecks.Mismatch(context, "label", name, "Key", column.Type.ToString()!);
        // A key's value 0 means that it is missing.
        List<int> indices = key.RawType == typeof(uint) ? ReadAll(data, column, (uint value) => (int)value - 1)
            : key.RawType == typeof(byte) ? ReadAll(data, column, (byte value) => value - 1)
            : key.RawType == typeof(ushort) ? ReadAll(data, column, (ushort value) => value - 1)
            : ReadAll(data, column, (ulong value) => (int)value - 1);
        CheckNoneMissing(context, name, indices);
        return (KeyNames(column, (int)key.Count), indices);
    }

    private static DataViewSchema.Column Find(IExceptionContext context, IDataView data, string name) =>
        data.Schema.GetColumnOrNull(name) ?? throw ColumnChecks.Missing(context, "label", name);

    private static List<int> ReadAll<T>(IDataView data, DataViewSchema.Column column, Func<T, int> convert)
    {
        using DataViewRowCursor cursor = data.GetRowCursor([column]);
        ValueGetter<T> getter = cursor.GetGetter<T>(column);
        var labels = new List<int>();
        T value = default!;
        while (cursor.MoveNext())
        {
            getter(ref value);
            labels.Add(convert(value));
        }
        return labels;
    }

    private static void CheckNoneMissing(IExceptionContext context, string name, List<int> indices)
    {
        List<int> rows = indices.Select((index, row) => (index, row)).Where(pair => pair.index < 0).Select(pair => pair.row).ToList();
        if (rows.Count == 0)
            return;
        throw context.Process(new InvalidOperationException(
            $"Label column '{name}': {rows.Count} of {indices.Count} rows have no label; counted from 0, rows {RowNumbers.Named(rows)}. Give them one, or filter them out."));
    }

    private static string[] KeyNames(DataViewSchema.Column column, int count)
    {
        if (column.Annotations.Schema.GetColumnOrNull("KeyValues")?.Type is not VectorDataViewType { ItemType: TextDataViewType } type || type.Size != count)
            return Enumerable.Range(1, count).Select(key => key.ToString(CultureInfo.InvariantCulture)).ToArray();
        VBuffer<ReadOnlyMemory<char>> names = default;
        column.Annotations.GetValue("KeyValues", ref names);
        return names.DenseValues().Select(name => name.ToString()).ToArray();
    }
}
