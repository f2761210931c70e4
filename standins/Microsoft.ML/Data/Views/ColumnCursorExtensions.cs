using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>The values of one column.</summary>
public static class ColumnCursorExtensions
{
    private static readonly GenericMethod ArrayReader = new(typeof(ColumnCursorExtensions), nameof(ReadArrays));

    public static IEnumerable<T> GetColumn<T>(this IDataView data, string columnName)
    {
        Contracts.CheckValue(null, data, nameof(data));
        Contracts.CheckNonEmpty(null, columnName, nameof(columnName));
        return data.GetColumn<T>(data.Schema[columnName]);
    }

    public static IEnumerable<T> GetColumn<T>(this IDataView data, DataViewSchema.Column column)
    {
        Contracts.CheckValue(null, data, nameof(data));
        if (data.Schema.GetColumnOrNull(column.Name) is not { } found || found.Index != column.Index || !found.Type.Equals(column.Type))
            throw Contracts.ExceptSchemaMismatch(null, nameof(column), "input", column.Name);
        if (column.Type.RawType == typeof(T))
            return Read<T, T>(data, column, value => value);
        if (typeof(T) == typeof(string) && column.Type.IsText())
            return (IEnumerable<T>)Read<ReadOnlyMemory<char>, string>(data, column, value => value.ToString());
        if (column.Type is VectorDataViewType vector && typeof(T) == typeof(string[]) && vector.ItemType.IsText())
        {
            return (IEnumerable<T>)Read<VBuffer<ReadOnlyMemory<char>>, string[]>(data, column,
                value => value.DenseValues().Select(item => item.ToString()).ToArray());
        }
        if (column.Type is VectorDataViewType items && typeof(T).IsArray && typeof(T).GetElementType() == items.ItemType.RawType)
            return ArrayReader.Call<IEnumerable<T>>(items.ItemType.RawType, data, column);
        throw Contracts.ExceptParam(null, nameof(column), $"Cannot convert from '{column.Type.RawType}' to '{typeof(T)}'");
    }

    private static IEnumerable<T[]> ReadArrays<T>(IDataView data, DataViewSchema.Column column) =>
        Read<VBuffer<T>, T[]>(data, column, value => [.. value.DenseValues()]);

    private static IEnumerable<TResult> Read<TValue, TResult>(IDataView data, DataViewSchema.Column column, Func<TValue, TResult> convert)
    {
        using DataViewRowCursor cursor = data.GetRowCursor([column]);
        ValueGetter<TValue> getter = cursor.GetGetter<TValue>(column);
        while (cursor.MoveNext())
        {
            // A fresh buffer for every row: what has been handed out must not change.
            TValue value = default;
            getter(ref value);
            yield return convert(value);
        }
    }
}
