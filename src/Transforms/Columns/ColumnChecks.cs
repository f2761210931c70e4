using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace MLNetLlm.Transforms;

/// <summary>Checks of columns before any data is read, with the exception and the words that ML.NET's own components use.</summary>
internal static class ColumnChecks
{
    public static ArgumentOutOfRangeException Missing(IExceptionContext context, string role, string name) =>
        context.Process(new ArgumentOutOfRangeException("inputSchema", $"Could not find {role} column '{name}'"));

    public static ArgumentOutOfRangeException Mismatch(IExceptionContext context, string role, string name, string expected, string actual) =>
        context.Process(new ArgumentOutOfRangeException("inputSchema", $"Schema mismatch for {role} column '{name}': expected {expected}, got {actual}"));

    /// <summary>The text column of that name.</summary>
    public static DataViewSchema.Column Text(IExceptionContext context, DataViewSchema schema, string name)
    {
        DataViewSchema.Column column = schema.GetColumnOrNull(name) ?? throw Missing(context, "input", name);
        return column.Type is TextDataViewType ? column : throw Mismatch(context, "input", name, "String", column.Type.ToString()!);
    }

    /// <summary>Checks that the text column is there.</summary>
    public static void Text(IExceptionContext context, SchemaShape schema, string name)
    {
        SchemaShape.Column column = Find(schema, name) ?? throw Missing(context, "input", name);
        if (column.Kind != SchemaShape.Column.VectorKind.Scalar || column.ItemType is not TextDataViewType || column.IsKey)
            throw Mismatch(context, "input", name, "String", Describe(column));
    }

    public static SchemaShape.Column? Find(SchemaShape schema, string name)
    {
        foreach (SchemaShape.Column column in schema)
        {
            if (column.Name == name)
                return column;
        }
        return null;
    }

    /// <summary>The shape after columns are added; a new one replaces one of the same name.</summary>
    public static SchemaShape Append(SchemaShape schema, params SchemaShape.Column[] added) =>
        new(schema.Where(column => added.All(other => other.Name != column.Name)).Concat(added));

    /// <summary>The shape after columns of one value a row are added.</summary>
    public static SchemaShape Append(SchemaShape schema, IEnumerable<OutputColumn> added) => Append(
        schema, added.Select(column => ShapeColumn.Create(column.Name, SchemaShape.Column.VectorKind.Scalar, column.Type)).ToArray());

    public static string Describe(SchemaShape.Column column)
    {
        string item = column.IsKey ? $"Key<{column.ItemType}>" : column.ItemType.ToString()!;
        return column.Kind switch
        {
            SchemaShape.Column.VectorKind.Vector => $"Vector<{item}>",
            SchemaShape.Column.VectorKind.VariableVector => $"VarVector<{item}>",
            _ => item,
        };
    }
}
