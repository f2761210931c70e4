using System.Linq.Expressions;
using System.Reflection;

namespace Microsoft.ML.Data;

/// <summary>Moves the values of one column between rows and the objects of a class.</summary>
internal abstract class MemberAccess<TRow> where TRow : class
{
    /// <summary>A getter of the column's value in the object that is current at the time of the call.</summary>
    public abstract Delegate MakeGetter(Func<TRow> current);

    /// <summary>Sets the member from a column of a row.</summary>
    public abstract Action<TRow> MakeSetter(DataViewRow row, DataViewSchema.Column column);

    public static MemberAccess<TRow> Create(BoundColumn column)
    {
        Type memberType = SchemaDefinition.TypeOf(column.Member);
        (Type definition, Type[] arguments) = memberType switch
        {
            _ when memberType == typeof(string) => (typeof(TextAccess<>), Array.Empty<Type>()),
            _ when memberType == typeof(string[]) => (typeof(TextArrayAccess<>), []),
            { IsArray: true } => (typeof(ArrayAccess<,>), [memberType.GetElementType()]),
            _ when column.Type is VectorDataViewType vector => (typeof(BufferAccess<,>), [vector.ItemType.RawType]),
            _ when column.Type is KeyDataViewType => (typeof(KeyAccess<,>), [memberType]),
            _ => (typeof(DirectAccess<,>), [memberType]),
        };
        return (MemberAccess<TRow>)Activator.CreateInstance(definition.MakeGenericType([typeof(TRow), .. arguments]), column);
    }
}

/// <summary>Compiled access to one member.</summary>
internal abstract class MemberAccess<TRow, TMember> : MemberAccess<TRow> where TRow : class
{
    protected Func<TRow, TMember> Read { get; }
    protected Action<TRow, TMember> Write { get; }

    protected MemberAccess(BoundColumn column)
    {
        ParameterExpression row = Expression.Parameter(typeof(TRow));
        ParameterExpression value = Expression.Parameter(typeof(TMember));
        MemberExpression member = Expression.MakeMemberAccess(row, column.Member);
        var property = column.Member as PropertyInfo;
        if (property is null || property.CanRead)
            Read = Expression.Lambda<Func<TRow, TMember>>(member, row).Compile();
        if (property is null ? !((FieldInfo)column.Member).IsInitOnly : property.CanWrite)
            Write = Expression.Lambda<Action<TRow, TMember>>(Expression.Assign(member, value), row, value).Compile();
    }
}

internal class DirectAccess<TRow, T>(BoundColumn column) : MemberAccess<TRow, T>(column) where TRow : class
{
    public override Delegate MakeGetter(Func<TRow> current) => (ValueGetter<T>)((ref T value) => value = Read(current()));

    public override Action<TRow> MakeSetter(DataViewRow row, DataViewSchema.Column column)
    {
        ValueGetter<T> getter = row.GetGetter<T>(column);
        T value = default;
        return target =>
        {
            getter(ref value);
            Write(target, value);
        };
    }
}

/// <summary>Objects count key values from 0, columns from 1; what is out of range becomes the missing value 0.</summary>
internal sealed class KeyAccess<TRow, T>(BoundColumn column) : DirectAccess<TRow, T>(column) where TRow : class
{
    private readonly ulong _count = ((KeyDataViewType)column.Type).Count;

    public override Delegate MakeGetter(Func<TRow> current) => (ValueGetter<T>)((ref T value) =>
    {
        ulong key = Convert.ToUInt64(Read(current()));
        value = (T)Convert.ChangeType(key < _count ? key + 1 : 0, typeof(T));
    });
}

internal sealed class TextAccess<TRow>(BoundColumn column) : MemberAccess<TRow, string>(column) where TRow : class
{
    public override Delegate MakeGetter(Func<TRow> current) =>
        (ValueGetter<ReadOnlyMemory<char>>)((ref ReadOnlyMemory<char> value) => value = Read(current()).AsMemory());

    public override Action<TRow> MakeSetter(DataViewRow row, DataViewSchema.Column column)
    {
        ValueGetter<ReadOnlyMemory<char>> getter = row.GetGetter<ReadOnlyMemory<char>>(column);
        ReadOnlyMemory<char> value = default;
        return target =>
        {
            getter(ref value);
            Write(target, value.ToString());
        };
    }
}

internal sealed class TextArrayAccess<TRow>(BoundColumn column) : MemberAccess<TRow, string[]>(column) where TRow : class
{
    public override Delegate MakeGetter(Func<TRow> current) => (ValueGetter<VBuffer<ReadOnlyMemory<char>>>)((ref VBuffer<ReadOnlyMemory<char>> value) =>
    {
        string[] source = Read(current()) ?? [];
        VBufferEditor<ReadOnlyMemory<char>> editor = VBufferEditor.Create(ref value, source.Length);
        for (int i = 0; i < source.Length; i++)
            editor.Values[i] = source[i].AsMemory();
        value = editor.Commit();
    });

    public override Action<TRow> MakeSetter(DataViewRow row, DataViewSchema.Column column)
    {
        ValueGetter<VBuffer<ReadOnlyMemory<char>>> getter = row.GetGetter<VBuffer<ReadOnlyMemory<char>>>(column);
        VBuffer<ReadOnlyMemory<char>> value = default;
        return target =>
        {
            getter(ref value);
            Write(target, value.DenseValues().Select(text => text.ToString()).ToArray());
        };
    }
}

internal sealed class ArrayAccess<TRow, T>(BoundColumn column) : MemberAccess<TRow, T[]>(column) where TRow : class
{
    public override Delegate MakeGetter(Func<TRow> current) => (ValueGetter<VBuffer<T>>)((ref VBuffer<T> value) =>
    {
        T[] source = Read(current()) ?? [];
        VBufferEditor<T> editor = VBufferEditor.Create(ref value, source.Length);
        source.CopyTo(editor.Values);
        value = editor.Commit();
    });

    public override Action<TRow> MakeSetter(DataViewRow row, DataViewSchema.Column column)
    {
        ValueGetter<VBuffer<T>> getter = row.GetGetter<VBuffer<T>>(column);
        VBuffer<T> value = default;
        return target =>
        {
            getter(ref value);
            T[] array = Read?.Invoke(target);
            if (array?.Length != value.Length)
                array = new T[value.Length];
            value.CopyTo(array);
            Write(target, array);
        };
    }
}

internal sealed class BufferAccess<TRow, T>(BoundColumn column) : MemberAccess<TRow, VBuffer<T>>(column) where TRow : class
{
    public override Delegate MakeGetter(Func<TRow> current) => (ValueGetter<VBuffer<T>>)((ref VBuffer<T> value) => Read(current()).CopyTo(ref value));

    public override Action<TRow> MakeSetter(DataViewRow row, DataViewSchema.Column column)
    {
        ValueGetter<VBuffer<T>> getter = row.GetGetter<VBuffer<T>>(column);
        return target =>
        {
            VBuffer<T> value = Read is null ? default : Read(target);
            getter(ref value);
            Write(target, value);
        };
    }
}
