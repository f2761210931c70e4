using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Transforms;

/// <summary>A table from keys to values: scalars, vectors, or key values with names.</summary>
internal abstract class LookupTable
{
    private static readonly GenericMethod KeyedLoader = new(typeof(LookupTable), nameof(LoadKeyed));

    public abstract DataViewType KeyType { get; }
    public abstract DataViewType ValueType { get; }
    public DataViewSchema.Annotations Annotations { get; protected init; } = DataViewSchema.Annotations.Empty;

    public abstract Delegate MakeGetter(DataViewRow row, DataViewSchema.Column column);
    public abstract void Save(BinaryWriter writer);

    public static LookupTable Load(IExceptionContext context, BinaryReader reader)
    {
        DataViewType keyType = SchemaFormat.ReadType(context, reader);
        return KeyedLoader.Call<LookupTable>(keyType.RawType, context, reader, keyType);
    }

    private static LookupTable LoadKeyed<TKey>(IExceptionContext context, BinaryReader reader, DataViewType keyType)
    {
        DataViewType valueType = SchemaFormat.ReadType(context, reader);
        Type table = typeof(LookupTable<,>).MakeGenericType(typeof(TKey), valueType.ItemType().RawType);
        return (LookupTable)table.GetMethod(nameof(LookupTable<int, int>.Read)).Invoke(null, [reader, keyType, valueType]);
    }
}

internal sealed class LookupTable<TKey, TItem> : LookupTable
{
    private readonly TKey[] _keys;
    private readonly TItem[][] _values;
    private readonly string[] _names;
    private readonly ValueIndex<TKey> _index = ValueIndex<TKey>.Create();

    /// <summary>A scalar value is an array of one item; names are those of key values.</summary>
    public LookupTable(DataViewType keyType, DataViewType valueType, TKey[] keys, TItem[][] values, string[] names = null)
    {
        KeyType = keyType;
        ValueType = valueType;
        _keys = keys;
        _values = values;
        _names = names ?? [];
        for (int i = 0; i < keys.Length; i++)
        {
            if (!_index.TryAdd(keys[i], i))
                throw Contracts.Except(null, $"Duplicate keys in data '{keys[i]}'");
        }
        if (_names.Length == 0)
            return;
        var buffer = new VBuffer<ReadOnlyMemory<char>>(_names.Length, _names.Select(name => name.AsMemory()).ToArray());
        var annotations = new DataViewSchema.Annotations.Builder();
        annotations.Add(AnnotationKinds.KeyValues, new VectorDataViewType(TextDataViewType.Instance, _names.Length),
            (ref VBuffer<ReadOnlyMemory<char>> value) => buffer.CopyTo(ref value));
        Annotations = annotations.ToAnnotations();
    }

    public override DataViewType KeyType { get; }
    public override DataViewType ValueType { get; }

    public override Delegate MakeGetter(DataViewRow row, DataViewSchema.Column column)
    {
        if (ValueType is not VectorDataViewType)
            return ValueMaps.MakeGetter<TKey, TItem>(row, column, key => _index.Find(key) is var i and >= 0 ? _values[i][0] : default);
        return ValueMaps.MakeGetter<TKey, VBuffer<TItem>>(row, column,
            key => _index.Find(key) is var i and >= 0 ? new VBuffer<TItem>(_values[i].Length, [.. _values[i]]) : default);
    }

    public override void Save(BinaryWriter writer)
    {
        SchemaFormat.WriteType(writer, KeyType);
        SchemaFormat.WriteType(writer, ValueType);
        writer.Write(_keys.Length);
        for (int i = 0; i < _keys.Length; i++)
        {
            ValueFormat<TKey>.Write(writer, _keys[i]);
            writer.Write(_values[i].Length);
            foreach (TItem item in _values[i])
                ValueFormat<TItem>.Write(writer, item);
        }
        writer.Write(_names.Length);
        foreach (string name in _names)
            writer.Write(name);
    }

    public static LookupTable Read(BinaryReader reader, DataViewType keyType, DataViewType valueType)
    {
        var keys = new List<TKey>();
        var values = new List<TItem[]>();
        int count = reader.ReadInt32();
        for (int i = 0; i < count; i++)
        {
            keys.Add(ValueFormat<TKey>.Read(reader));
            int length = reader.ReadInt32();
            var items = new List<TItem>();
            for (int item = 0; item < length; item++)
                items.Add(ValueFormat<TItem>.Read(reader));
            values.Add([.. items]);
        }
        var names = new string[reader.ReadInt32()];
        for (int i = 0; i < names.Length; i++)
            names[i] = reader.ReadString();
        return new LookupTable<TKey, TItem>(keyType, valueType, [.. keys], [.. values], names);
    }
}
