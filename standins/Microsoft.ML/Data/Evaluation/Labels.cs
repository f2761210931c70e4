using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>The columns that evaluators and trainers read, found by name, and labels as numbers.</summary>
internal static class Labels
{
    public static DataViewSchema.Column Find(DataViewSchema schema, string name, string role) => schema.GetColumnOrNull(name)
        ?? throw Contracts.ExceptParam(null, nameof(schema), $"{name} column '{role}' not found");

    /// <summary>The label as a number: 0 or 1 for a Boolean, the key value less one for a key, NaN where it is missing.</summary>
    public static ValueGetter<float> GetGetter(DataViewRow row, DataViewSchema.Column column) => column.Type switch
    {
        KeyDataViewType key when key.RawType == typeof(uint) => Convert<uint>(row, column, value => KeyIndex(value, key)),
        KeyDataViewType key when key.RawType == typeof(ulong) => Convert<ulong>(row, column, value => KeyIndex(value, key)),
        KeyDataViewType key when key.RawType == typeof(ushort) => Convert<ushort>(row, column, value => KeyIndex(value, key)),
        KeyDataViewType key => Convert<byte>(row, column, value => KeyIndex(value, key)),
        BooleanDataViewType => Convert<bool>(row, column, value => value ? 1 : 0),
        _ when column.Type == NumberDataViewType.Single => row.GetGetter<float>(column),
        _ when column.Type == NumberDataViewType.Double => Convert<double>(row, column, value => (float)value),
        _ => throw Contracts.Except(null, "Only floating point number, boolean, and key type values can be used as label."),
    };

    public static ulong KeyCount(DataViewType type) => (type as KeyDataViewType)?.Count ?? 0;

    private static float KeyIndex(ulong value, KeyDataViewType type) => value > 0 && value <= type.Count ? value - 1 : float.NaN;

    private static ValueGetter<float> Convert<T>(DataViewRow row, DataViewSchema.Column column, Func<T, float> convert)
    {
        ValueGetter<T> getter = row.GetGetter<T>(column);
        T source = default;
        return (ref float value) =>
        {
            getter(ref source);
            value = convert(source);
        };
    }
}
