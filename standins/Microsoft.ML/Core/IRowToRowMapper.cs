namespace Microsoft.ML.Data;

/// <summary>Computes output rows from input rows one by one.</summary>
public interface IRowToRowMapper
{
    DataViewSchema InputSchema { get; }
    DataViewSchema OutputSchema { get; }
    IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns);
    DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns);
}

public enum DataKind : byte
{
    SByte = 1,
    Byte = 2,
    Int16 = 3,
    UInt16 = 4,
    Int32 = 5,
    UInt32 = 6,
    Int64 = 7,
    UInt64 = 8,
    Single = 9,
    Double = 10,
    String = 11,
    Boolean = 12,
    TimeSpan = 13,
    DateTime = 14,
    DateTimeOffset = 15,
}

/// <summary>The column types that stand for .NET types and data kinds.</summary>
internal static class PrimitiveTypes
{
    private static readonly Dictionary<Type, (DataKind? Kind, PrimitiveDataViewType Type)> ByRawType = new (DataKind?, PrimitiveDataViewType)[]
    {
        (DataKind.SByte, NumberDataViewType.SByte), (DataKind.Byte, NumberDataViewType.Byte),
        (DataKind.Int16, NumberDataViewType.Int16), (DataKind.UInt16, NumberDataViewType.UInt16),
        (DataKind.Int32, NumberDataViewType.Int32), (DataKind.UInt32, NumberDataViewType.UInt32),
        (DataKind.Int64, NumberDataViewType.Int64), (DataKind.UInt64, NumberDataViewType.UInt64),
        (DataKind.Single, NumberDataViewType.Single), (DataKind.Double, NumberDataViewType.Double),
        (DataKind.String, TextDataViewType.Instance), (DataKind.Boolean, BooleanDataViewType.Instance),
        (DataKind.TimeSpan, TimeSpanDataViewType.Instance), (DataKind.DateTime, DateTimeDataViewType.Instance),
        (DataKind.DateTimeOffset, DateTimeOffsetDataViewType.Instance), (null, RowIdDataViewType.Instance),
    }.ToDictionary(pair => pair.Item2.RawType, pair => pair);

    /// <summary>The type of a .NET value; a string counts as text. Null when there is none.</summary>
    public static PrimitiveDataViewType FromRawType(Type type) =>
        type == typeof(string) ? TextDataViewType.Instance : ByRawType.TryGetValue(type, out var entry) ? entry.Type : null;

    public static PrimitiveDataViewType FromKind(DataKind kind) => ByRawType.Values.First(entry => entry.Kind == kind).Type;

    public static DataKind? KindOf(DataViewType type) => ByRawType.TryGetValue(type.RawType, out var entry) ? entry.Kind : null;
}
