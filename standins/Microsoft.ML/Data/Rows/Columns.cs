using System.Reflection;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>Calls a generic static method of a class with a type that is known only at run time.</summary>
internal sealed class GenericMethod(Type owner, string name)
{
    private readonly MethodInfo _definition = owner.GetMethod(name, BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public)
        ?? throw new MissingMethodException(owner.Name, name);

    public TResult Call<TResult>(Type type, params object[] arguments) =>
        (TResult)_definition.MakeGenericMethod(type).Invoke(null, BindingFlags.DoNotWrapExceptions, null, arguments, null);
}

/// <summary>What every row and view does with columns and their getters.</summary>
internal static class Columns
{
    public const string FetchStateError = "Values cannot be fetched at this time. This method was called either before the first call to "
        + nameof(DataViewRowCursor.MoveNext) + ", or at any point after that method returned false.";

    private static readonly GenericMethod TypedGetter = new(typeof(Columns), nameof(GetTypedGetter));

    /// <summary>One flag per column of the schema: is it among the needed ones.</summary>
    public static bool[] Flags(IEnumerable<DataViewSchema.Column> columnsNeeded, DataViewSchema schema)
    {
        Contracts.CheckValue(null, columnsNeeded, nameof(columnsNeeded));
        bool[] flags = new bool[schema.Count];
        foreach (DataViewSchema.Column column in columnsNeeded)
        {
            if (column.Index >= flags.Length)
                throw Contracts.Except(null, $"The requested column: {column} is not part of the sourceSchema");
            flags[column.Index] = true;
        }
        return flags;
    }

    public static IEnumerable<DataViewSchema.Column> Select(DataViewSchema schema, bool[] flags) => schema.Where(column => flags[column.Index]).ToArray();

    /// <summary>The getter of a column as a <see cref="ValueGetter{TValue}"/> of its raw type.</summary>
    public static Delegate GetGetter(DataViewRow row, DataViewSchema.Column column) =>
        TypedGetter.Call<Delegate>(column.Type.RawType, row, column);

    private static Delegate GetTypedGetter<TValue>(DataViewRow row, DataViewSchema.Column column) => row.GetGetter<TValue>(column);

    public static ValueGetter<TValue> Cast<TValue>(Delegate getter, DataViewSchema.Column column)
    {
        if (getter is null)
            throw Contracts.ExceptParam(null, nameof(column), $"Requested column '{column.Name}' is not active.");
        return getter as ValueGetter<TValue> ?? throw Contracts.Except(null,
            $"Invalid TValue in GetGetter for column '{column.Name}': '{typeof(TValue)}', expected type: '{getter.GetType().GetGenericArguments()[0]}'.");
    }

    /// <summary>The input column that a component names, or an error that names it.</summary>
    public static DataViewSchema.Column Require(this DataViewSchema schema, IExceptionContext context, string parameter, string role, string name) =>
        schema.GetColumnOrNull(name) ?? throw context.ExceptSchemaMismatch(parameter, role, name);

    public static DataViewType ItemType(this DataViewType type) => (type as VectorDataViewType)?.ItemType ?? type;

    public static bool IsText(this DataViewType type) => type is TextDataViewType;
}
