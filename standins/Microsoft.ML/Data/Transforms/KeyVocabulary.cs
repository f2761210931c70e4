using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Transforms;

/// <summary>The distinct values of a column; their keys count from 1. Empty text, NaN and key 0 are missing and have no key.</summary>
internal abstract class KeyVocabulary(PrimitiveDataViewType type)
{
    private static readonly GenericMethod Learner = new(typeof(KeyVocabulary), nameof(LearnTyped));
    private static readonly GenericMethod Loader = new(typeof(KeyVocabulary), nameof(LoadTyped));

    public PrimitiveDataViewType Type { get; } = type;
    public abstract int Count { get; }

    /// <summary>The key type, which cannot be empty even where the vocabulary is.</summary>
    public KeyDataViewType KeyType => new(typeof(uint), Math.Max(Count, 1));

    public abstract Delegate MakeGetter(DataViewRow row, DataViewSchema.Column column);

    public abstract void AddKeyValues(DataViewSchema.Annotations.Builder builder, DataViewSchema.Column source, bool asText);

    public abstract void SaveValues(BinaryWriter writer);

    public static KeyVocabulary Learn(IHost host, IDataView data, DataViewSchema.Column column, int limit, bool sort) =>
        Learner.Call<KeyVocabulary>(column.Type.ItemType().RawType, host, data, column, limit, sort);

    public void Save(BinaryWriter writer)
    {
        SchemaFormat.WriteType(writer, Type);
        SaveValues(writer);
    }

    public static KeyVocabulary Load(IExceptionContext context, BinaryReader reader)
    {
        var type = SchemaFormat.ReadType(context, reader) as PrimitiveDataViewType;
        context.CheckDecode(type is not null);
        return Loader.Call<KeyVocabulary>(type.RawType, type, reader);
    }

    private static KeyVocabulary LearnTyped<T>(IHost host, IDataView data, DataViewSchema.Column column, int limit, bool sort)
    {
        var type = (PrimitiveDataViewType)column.Type.ItemType();
        var values = new List<T>();
        ValueIndex<T> index = ValueIndex<T>.Create();
        bool Add(T value)
        {
            if (!KeyVocabulary<T>.IsMissing(type, value) && index.TryAdd(value, values.Count))
                values.Add(value);
            return values.Count < limit;
        }
        using DataViewRowCursor cursor = data.GetRowCursor([column]);
        Func<bool> addRow = RowReader(cursor, column, (Func<T, bool>)Add);
        bool wantsMore = true;
        while (wantsMore && cursor.MoveNext())
        {
            host.CheckAlive();
            wantsMore = addRow();
        }
        if (sort)
            KeyVocabulary<T>.Sort(values);
        return new KeyVocabulary<T>(type, [.. values]);
    }

    private static Func<bool> RowReader<T>(DataViewRow row, DataViewSchema.Column column, Func<T, bool> add)
    {
        if (column.Type is not VectorDataViewType)
        {
            ValueGetter<T> getter = row.GetGetter<T>(column);
            T value = default;
            return () =>
            {
                getter(ref value);
                return add(value);
            };
        }
        ValueGetter<VBuffer<T>> vectorGetter = row.GetGetter<VBuffer<T>>(column);
        VBuffer<T> buffer = default;
        return () =>
        {
            vectorGetter(ref buffer);
            return buffer.Items(all: true).All(item => add(item.Value));
        };
    }

    private static KeyVocabulary LoadTyped<T>(PrimitiveDataViewType type, BinaryReader reader)
    {
        int count = reader.ReadInt32();
        var values = new List<T>();
        for (int i = 0; i < count; i++)
            values.Add(ValueFormat<T>.Read(reader));
        return new KeyVocabulary<T>(type, [.. values]);
    }
}

internal sealed class KeyVocabulary<T> : KeyVocabulary
{
    private readonly T[] _values;
    private readonly ValueIndex<T> _index = ValueIndex<T>.Create();

    public KeyVocabulary(PrimitiveDataViewType type, T[] values) : base(type)
    {
        // Values are kept as copies: text may be a slice of a whole line or file.
        _values = typeof(T) == typeof(ReadOnlyMemory<char>)
            ? values.Select(value => (T)(object)value.ToString().AsMemory()).ToArray()
            : values;
        for (int i = 0; i < values.Length; i++)
            _index.TryAdd(_values[i], i);
    }

    public override int Count => _values.Length;

    public static bool IsMissing(PrimitiveDataViewType type, T value) => value switch
    {
        ReadOnlyMemory<char> text => text.IsEmpty,
        float number => float.IsNaN(number),
        double number => double.IsNaN(number),
        _ => type is KeyDataViewType && EqualityComparer<T>.Default.Equals(value, default),
    };

    public static void Sort(List<T> values)
    {
        if (typeof(T) == typeof(ReadOnlyMemory<char>))
            values.Sort((first, second) => ((ReadOnlyMemory<char>)(object)first).Span.SequenceCompareTo(((ReadOnlyMemory<char>)(object)second).Span));
        else
            values.Sort();
    }

    public override Delegate MakeGetter(DataViewRow row, DataViewSchema.Column column) =>
        ValueMaps.MakeGetter<T, uint>(row, column, value => IsMissing(Type, value) ? 0 : (uint)(_index.Find(value) + 1));

    public override void AddKeyValues(DataViewSchema.Annotations.Builder builder, DataViewSchema.Column source, bool asText)
    {
        if (Count == 0)
            return;
        if (Type is KeyDataViewType && source.HasKeyValues())
        {
            VBuffer<ReadOnlyMemory<char>> names = default;
            source.GetKeyValues(ref names);
            Add(builder, TextDataViewType.Instance, _values.Select(key => names.GetItemOrDefault((int)(Convert.ToUInt64(key) - 1))).ToArray());
        }
        else if (asText && Type is not TextDataViewType)
        {
            Add(builder, TextDataViewType.Instance, _values.Select(value => Conversions.Format(value).AsMemory()).ToArray());
        }
        else
        {
            Add(builder, Type, _values);
        }
    }

    public override void SaveValues(BinaryWriter writer)
    {
        writer.Write(_values.Length);
        foreach (T value in _values)
            ValueFormat<T>.Write(writer, value);
    }

    private static void Add<TValue>(DataViewSchema.Annotations.Builder builder, PrimitiveDataViewType type, TValue[] values)
    {
        var buffer = new VBuffer<TValue>(values.Length, values);
        builder.Add(AnnotationKinds.KeyValues, new VectorDataViewType(type, values.Length), (ref VBuffer<TValue> value) => buffer.CopyTo(ref value));
    }
}
