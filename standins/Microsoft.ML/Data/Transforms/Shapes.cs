using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Column = Microsoft.ML.SchemaShape.Column;

namespace Microsoft.ML.Transforms;

/// <summary>What estimators do with schema shapes.</summary>
internal static class Shapes
{
    public static Column Require(this SchemaShape schema, IExceptionContext context, string name) =>
        schema.TryFindColumn(name, out Column column) ? column : throw context.ExceptSchemaMismatch("inputSchema", "input", name);

    /// <summary>The shape with columns added, or put in the place of those with the same names.</summary>
    public static SchemaShape With(this SchemaShape schema, IEnumerable<Column> columns)
    {
        Dictionary<string, Column> result = schema.ToDictionary(column => column.Name);
        foreach (Column column in columns)
            result[column.Name] = column;
        return new SchemaShape(result.Values);
    }

    public static Column Annotation(string kind, DataViewType itemType, bool isKey = false) => new(kind, Column.VectorKind.Vector, itemType, isKey);

    public static IEnumerable<Column> Pick(SchemaShape annotations, params string[] kinds) => annotations.Where(column => kinds.Contains(column.Name));

    public static readonly Column IsNormalized = new(AnnotationKinds.IsNormalized, Column.VectorKind.Scalar, BooleanDataViewType.Instance, false);

    public static (string OutputColumnName, string InputColumnName)[] Pairs(IEnumerable<InputOutputColumnPair> columns) =>
        columns.Select(column => (column.OutputColumnName, column.InputColumnName)).ToArray();
}
