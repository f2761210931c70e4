using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

internal static class TypedSchemas
{
    /// <summary>The definition of a class with the column types, which may say more, of a schema.</summary>
    public static SchemaDefinition Define<TRow>(IExceptionContext context, DataViewSchema schema)
    {
        SchemaDefinition definition = SchemaDefinition.Create(typeof(TRow), SchemaDefinition.Direction.Read);
        foreach (DataViewSchema.Column column in schema)
        {
            SchemaDefinition.Column member = definition[column.Name] ?? throw context.Except($"Type should contain a member named {column.Name}");
            member.ColumnType = column.Type;
            member.CopyAnnotations(column.Annotations);
        }
        return definition;
    }
}
