using System.Numerics;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>Number columns of any width, read as doubles.</summary>
internal static class Numbers
{
    private static readonly GenericMethod TypedReader = new(typeof(Numbers), nameof(MakeReader));

    public static Func<double> Reader(DataViewRow row, DataViewSchema.Column column) => TypedReader.Call<Func<double>>(column.Type.RawType, row, column);

    private static Func<double> MakeReader<T>(DataViewRow row, DataViewSchema.Column column) where T : struct, INumberBase<T>
    {
        ValueGetter<T> getter = row.GetGetter<T>(column);
        T value = default;
        return () =>
        {
            getter(ref value);
            return double.CreateSaturating(value);
        };
    }
}

/// <summary>Tests for the missing values of a column's type: NaN, key 0. Other types have none.</summary>
internal static class MissingValues
{
    private static readonly GenericMethod ScalarTest = new(typeof(MissingValues), nameof(MakeScalarTest));
    private static readonly GenericMethod VectorTest = new(typeof(MissingValues), nameof(MakeVectorTest));

    public static Func<bool> Test(DataViewRow row, DataViewSchema.Column column)
    {
        bool isKey = column.Type.ItemType() is KeyDataViewType;
        return column.Type is VectorDataViewType vector
            ? VectorTest.Call<Func<bool>>(vector.ItemType.RawType, row, column, isKey)
            : ScalarTest.Call<Func<bool>>(column.Type.RawType, row, column, isKey);
    }

    private static Func<bool> MakeScalarTest<T>(DataViewRow row, DataViewSchema.Column column, bool isKey)
    {
        ValueGetter<T> getter = row.GetGetter<T>(column);
        T value = default;
        return () =>
        {
            getter(ref value);
            return IsMissing(value, isKey);
        };
    }

    private static Func<bool> MakeVectorTest<T>(DataViewRow row, DataViewSchema.Column column, bool isKey)
    {
        ValueGetter<VBuffer<T>> getter = row.GetGetter<VBuffer<T>>(column);
        VBuffer<T> value = default;
        return () =>
        {
            getter(ref value);
            return value.DenseValues().Any(item => IsMissing(item, isKey));
        };
    }

    private static bool IsMissing<T>(T value, bool isKey) => value switch
    {
        float number => float.IsNaN(number),
        double number => double.IsNaN(number),
        _ => isKey && EqualityComparer<T>.Default.Equals(value, default),
    };
}
