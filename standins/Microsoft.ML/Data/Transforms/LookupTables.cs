using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Transforms;

/// <summary>Makes lookup tables from the values of a program.</summary>
internal static class LookupTables
{
    public static LookupTable FromScalars<TKey, TValue>(IEnumerable<KeyValuePair<TKey, TValue>> pairs, bool treatValuesAsKeys)
    {
        KeyValuePair<TKey, TValue>[] all = pairs.ToArray();
        return treatValuesAsKeys
            ? WithKeys(all)
            : Make(all.Select(pair => pair.Key), TypeOf(typeof(TValue)), all.Select(pair => new[] { pair.Value }));
    }

    public static LookupTable FromVectors<TKey, TItem>(IEnumerable<KeyValuePair<TKey, TItem[]>> pairs)
    {
        KeyValuePair<TKey, TItem[]>[] all = pairs.ToArray();
        int[] sizes = all.Select(pair => pair.Value.Length).Distinct().ToArray();
        var type = new VectorDataViewType(TypeOf(typeof(TItem)), sizes.Length == 1 ? sizes[0] : 0);
        return Make(all.Select(pair => pair.Key), type, all.Select(pair => pair.Value));
    }

    // Distinct values become keys in the order in which they come; unsigned values are keys already.
    private static LookupTable WithKeys<TKey, TValue>(KeyValuePair<TKey, TValue>[] pairs)
    {
        TValue[] distinct = pairs.Select(pair => pair.Value).Distinct().ToArray();
        string[] names = distinct.Select(value => value.ToString()).ToArray();
        IEnumerable<TKey> keys = pairs.Select(pair => pair.Key);
        if (typeof(TValue) == typeof(ulong))
            return Make(keys, new KeyDataViewType(typeof(ulong), distinct.Length), pairs.Select(pair => new[] { Convert.ToUInt64(pair.Value) }), names);
        var type = new KeyDataViewType(typeof(uint), distinct.Length);
        return Make(keys, type, pairs.Select(pair => new[]
        {
            typeof(TValue) == typeof(uint) ? Convert.ToUInt32(pair.Value) : (uint)(Array.IndexOf(distinct, pair.Value) + 1),
        }), names);
    }

    private static LookupTable Make<TKey, TItem>(IEnumerable<TKey> keys, DataViewType valueType, IEnumerable<TItem[]> values, string[] names = null)
    {
        DataViewType keyType = TypeOf(typeof(TKey));
        return (typeof(TKey) == typeof(string), typeof(TItem) == typeof(string)) switch
        {
            (true, true) => new LookupTable<ReadOnlyMemory<char>, ReadOnlyMemory<char>>(keyType, valueType, Text(keys), values.Select(Text).ToArray(), names),
            (true, false) => new LookupTable<ReadOnlyMemory<char>, TItem>(keyType, valueType, Text(keys), values.ToArray(), names),
            (false, true) => new LookupTable<TKey, ReadOnlyMemory<char>>(keyType, valueType, keys.ToArray(), values.Select(Text).ToArray(), names),
            _ => new LookupTable<TKey, TItem>(keyType, valueType, keys.ToArray(), values.ToArray(), names),
        };
    }

    private static ReadOnlyMemory<char>[] Text<T>(IEnumerable<T> values) => values.Select(value => ((string)(object)value).AsMemory()).ToArray();

    private static PrimitiveDataViewType TypeOf(Type type) =>
        PrimitiveTypes.FromRawType(type) ?? throw new InvalidOperationException($"Unsupported type {type} used in mapping.");
}
