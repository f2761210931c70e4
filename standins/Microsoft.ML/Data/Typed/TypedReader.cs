using System.Reflection;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>Fills objects of a class from rows of a schema.</summary>
internal sealed class TypedReader<TRow> where TRow : class, new()
{
    private readonly (DataViewSchema.Column Column, MemberAccess<TRow> Member)[] _columns;

    public TypedReader(IExceptionContext context, DataViewSchema schema, bool ignoreMissingColumns, SchemaDefinition definition = null)
    {
        if (definition is null)
            CheckForeignTypes(schema);
        BoundColumn[] wanted = BoundColumn.Bind(typeof(TRow), definition ?? SchemaDefinition.Create(typeof(TRow), SchemaDefinition.Direction.Write));
        var columns = new List<(DataViewSchema.Column, MemberAccess<TRow>)>();
        foreach (BoundColumn column in wanted)
        {
            if (schema.GetColumnOrNull(column.Name) is { } found)
            {
                CheckType(context, found, column);
                columns.Add((found, MemberAccess<TRow>.Create(column with { Type = found.Type })));
            }
            else if (!ignoreMissingColumns)
            {
                throw context.ExceptSchemaMismatch("Schema", "", column.Name);
            }
        }
        _columns = [.. columns];
    }

    public IEnumerable<DataViewSchema.Column> Needed => _columns.Select(entry => entry.Column);

    public Action<TRow> Bind(DataViewRow row)
    {
        Action<TRow>[] setters = _columns.Select(entry => entry.Member.MakeSetter(row, entry.Column)).ToArray();
        return target =>
        {
            foreach (Action<TRow> set in setters)
                set(target);
        };
    }

    private static void CheckType(IExceptionContext context, DataViewSchema.Column found, BoundColumn column)
    {
        Type item = SchemaDefinition.ItemTypeOf(column.Member, out bool isVector);
        if (isVector != found.Type is VectorDataViewType || item != found.Type.ItemType().RawType)
        {
            throw context.Except("Can't bind the IDataView column '{0}' of type '{1}' to field or property '{2}' of type '{3}'.",
                column.Name, found.Type, column.Member.Name, SchemaDefinition.TypeOf(column.Member).FullName);
        }
    }

    private static void CheckForeignTypes(DataViewSchema schema)
    {
        foreach (MemberInfo member in SchemaDefinition.Members(typeof(TRow), SchemaDefinition.Direction.Write))
        {
            Type item = SchemaDefinition.MappedItemType(SchemaDefinition.TypeOf(member), out _);
            string name = member.GetCustomAttribute<ColumnNameAttribute>()?.Name ?? member.Name;
            if (PrimitiveTypes.FromRawType(item) is null && schema.GetColumnOrNull(name) is { } column)
            {
                throw Contracts.ExceptParam(null, "actualType", $"The expected type '{column.Type.RawType}' does not match the type of the '{name}' member: " +
                    $"'{item}'. Please change the {name} member to '{column.Type.RawType}'");
            }
        }
    }
}
