using System.Reflection;
using Microsoft.ML;

namespace MLNetLlm.Transforms;

/// <summary>Keeps one input column's values of the rows that a cursor has read ahead.</summary>
internal abstract class ColumnBuffer
{
    public static ColumnBuffer Create(DataViewRow source, DataViewSchema.Column column, int capacity)
    {
        MethodInfo create = typeof(ColumnBuffer).GetMethod(nameof(CreateTyped), BindingFlags.NonPublic | BindingFlags.Static)!;
        return create.MakeGenericMethod(column.Type.RawType).CreateDelegate<Func<DataViewRow, DataViewSchema.Column, int, ColumnBuffer>>()(source, column, capacity);
    }

    /// <summary>Takes over the value of the source's current row.</summary>
    public abstract void Read(int slot);

    /// <summary>A getter of type <c>ValueGetter&lt;T&gt;</c> of the value in the slot that <paramref name="slot"/> tells.</summary>
    public abstract Delegate Getter(Func<int> slot);

    private static ColumnBuffer CreateTyped<T>(DataViewRow source, DataViewSchema.Column column, int capacity) =>
        new Typed<T>(source.GetGetter<T>(column), capacity);

    private sealed class Typed<T>(ValueGetter<T> source, int capacity) : ColumnBuffer
    {
        private readonly T[] values = new T[capacity];

        public override void Read(int slot) => source(ref values[slot]);

        public override Delegate Getter(Func<int> slot)
        {
            ValueCopy<T>.Copier copy = ValueCopy<T>.Copy;
            return new ValueGetter<T>((ref T value) => copy(values[slot()], ref value));
        }
    }
}
