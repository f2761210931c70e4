namespace Microsoft.ML.Data;

/// <summary>Copies of one column's values, in numbered slots.</summary>
internal abstract class ColumnStore
{
    /// <summary>The action that copies the current value of the row's column into a slot.</summary>
    public abstract Action<int> Recorder(DataViewRow row, DataViewSchema.Column column);

    /// <summary>A getter of the value in the slot that is current at the time of the call.</summary>
    public abstract Delegate MakeGetter(Func<int> slot);

    public static ColumnStore Create(DataViewType type)
    {
        Type store = type is VectorDataViewType vector
            ? typeof(VectorStore<>).MakeGenericType(vector.ItemType.RawType)
            : typeof(ScalarStore<>).MakeGenericType(type.RawType);
        return (ColumnStore)Activator.CreateInstance(store);
    }

    protected static void EnsureSlot<T>(ref T[] values, int slot)
    {
        if (slot >= values.Length)
            Array.Resize(ref values, Math.Max(slot + 1, 2 * values.Length));
    }
}

internal sealed class ScalarStore<T> : ColumnStore
{
    private T[] _values = [];

    public override Action<int> Recorder(DataViewRow row, DataViewSchema.Column column) => Recorder(row.GetGetter<T>(column));

    public Action<int> Recorder(ValueGetter<T> getter) => slot =>
    {
        EnsureSlot(ref _values, slot);
        getter(ref _values[slot]);
    };

    public override Delegate MakeGetter(Func<int> slot) => (ValueGetter<T>)((ref T value) => value = _values[slot()]);
}

internal sealed class VectorStore<T> : ColumnStore
{
    private VBuffer<T>[] _values = [];

    public override Action<int> Recorder(DataViewRow row, DataViewSchema.Column column)
    {
        ValueGetter<VBuffer<T>> getter = row.GetGetter<VBuffer<T>>(column);
        VBuffer<T> current = default;
        return slot =>
        {
            getter(ref current);
            EnsureSlot(ref _values, slot);
            // Old arrays of the slot may have been handed out by nobody, so they are reused.
            current.CopyTo(ref _values[slot]);
        };
    }

    public override Delegate MakeGetter(Func<int> slot) => (ValueGetter<VBuffer<T>>)((ref VBuffer<T> value) => _values[slot()].CopyTo(ref value));
}
