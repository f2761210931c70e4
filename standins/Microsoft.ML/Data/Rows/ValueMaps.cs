using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>Getters that apply a function to a column's value, or to each item of its vectors.</summary>
internal static class ValueMaps
{
    public static Delegate MakeGetter<TIn, TOut>(DataViewRow row, DataViewSchema.Column column, Func<TIn, TOut> map) =>
        column.Type is VectorDataViewType ? MakeVectorGetter(row, column, map) : MakeScalarGetter(row, column, map);

    private static ValueGetter<TOut> MakeScalarGetter<TIn, TOut>(DataViewRow row, DataViewSchema.Column column, Func<TIn, TOut> map)
    {
        ValueGetter<TIn> getter = row.GetGetter<TIn>(column);
        TIn source = default;
        return (ref TOut value) =>
        {
            getter(ref source);
            value = map(source);
        };
    }

    private static ValueGetter<VBuffer<TOut>> MakeVectorGetter<TIn, TOut>(DataViewRow row, DataViewSchema.Column column, Func<TIn, TOut> map)
    {
        ValueGetter<VBuffer<TIn>> getter = row.GetGetter<VBuffer<TIn>>(column);
        bool keepsDefault = EqualityComparer<TOut>.Default.Equals(map(default), default);
        VBuffer<TIn> source = default;
        return (ref VBuffer<TOut> value) =>
        {
            getter(ref source);
            ReadOnlySpan<TIn> values = source.GetValues();
            if (!source.IsDense && !keepsDefault)
            {
                VBufferEditor<TOut> dense = VBufferEditor.Create(ref value, source.Length);
                foreach ((int index, TIn item) in source.Items(all: true))
                    dense.Values[index] = map(item);
                value = dense.Commit();
                return;
            }
            VBufferEditor<TOut> editor = VBufferEditor.Create(ref value, source.Length, values.Length);
            for (int i = 0; i < values.Length; i++)
                editor.Values[i] = map(values[i]);
            source.GetIndices().CopyTo(editor.Indices);
            value = editor.Commit();
        };
    }

    /// <summary>The type with other items: a scalar stays a scalar, a vector keeps its dimensions.</summary>
    public static DataViewType WithItemType(this DataViewType type, PrimitiveDataViewType itemType) =>
        type is VectorDataViewType vector ? new VectorDataViewType(itemType, vector.Dimensions) : itemType;
}

/// <summary>Numbers given to distinct values.</summary>
internal abstract class ValueIndex<T>
{
    public abstract int Find(T value);

    public abstract bool TryAdd(T value, int number);

    public static ValueIndex<T> Create() => typeof(T) == typeof(ReadOnlyMemory<char>)
        ? (ValueIndex<T>)(object)new TextIndex()
        : new PlainIndex();

    private sealed class PlainIndex : ValueIndex<T>
    {
        private readonly Dictionary<T, int> _numbers = [];

        public override int Find(T value) => _numbers.GetValueOrDefault(value, -1);
        public override bool TryAdd(T value, int number) => _numbers.TryAdd(value, number);
    }
}

/// <summary>Text is compared by content, without making a string of it.</summary>
internal sealed class TextIndex : ValueIndex<ReadOnlyMemory<char>>
{
    private readonly Dictionary<string, int> _numbers = [];
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _lookup;

    public TextIndex() => _lookup = _numbers.GetAlternateLookup<ReadOnlySpan<char>>();

    public override int Find(ReadOnlyMemory<char> value) => _lookup.TryGetValue(value.Span, out int number) ? number : -1;
    public override bool TryAdd(ReadOnlyMemory<char> value, int number) => _lookup.TryAdd(value.Span, number);
}
