using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetLlm.Transforms;

/// <summary>The annotations by which ML.NET's evaluators and tools tell what a score column is and which columns belong together.</summary>
internal static class ScoreAnnotations
{
    public const string Binary = "BinaryClassification";
    public const string Multiclass = "MulticlassClassification";

    private const string SetId = "ScoreColumnSetId";
    private const string ColumnKind = "ScoreColumnKind";
    private const string ValueKind = "ScoreValueKind";
    private const string Normalized = "IsNormalized";
    private const string SlotNames = "SlotNames";
    private const string KeyValues = "KeyValues";

    public static Func<DataViewSchema, DataViewSchema.Annotations> Score(string kind, IReadOnlyList<string>? classNames = null) =>
        schema => Create(schema, kind, "Score", SlotNames, classNames);

    public static Func<DataViewSchema, DataViewSchema.Annotations> Probability(string kind) =>
        schema => Create(schema, kind, "Probability", normalized: true);

    public static Func<DataViewSchema, DataViewSchema.Annotations> PredictedLabel(string kind, IReadOnlyList<string>? classNames = null) =>
        schema => Create(schema, kind, "PredictedLabel", KeyValues, classNames);

    /// <summary>The shape of the above, for <c>GetOutputSchema</c> of estimators.</summary>
    public static SchemaShape.Column[] Shape(bool slotNames = false, bool keyValues = false, bool normalized = false)
    {
        var columns = new List<SchemaShape.Column>
        {
            ShapeColumn.Create(SetId, SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.UInt32, isKey: true),
            ShapeColumn.Create(ColumnKind, SchemaShape.Column.VectorKind.Scalar, TextDataViewType.Instance),
            ShapeColumn.Create(ValueKind, SchemaShape.Column.VectorKind.Scalar, TextDataViewType.Instance),
        };
        if (normalized)
            columns.Add(ShapeColumn.Create(Normalized, SchemaShape.Column.VectorKind.Scalar, BooleanDataViewType.Instance));
        if (slotNames)
            columns.Add(ShapeColumn.Create(SlotNames, SchemaShape.Column.VectorKind.Vector, TextDataViewType.Instance));
        if (keyValues)
            columns.Add(ShapeColumn.Create(KeyValues, SchemaShape.Column.VectorKind.Vector, TextDataViewType.Instance));
        return [.. columns];
    }

    private static DataViewSchema.Annotations Create(
        DataViewSchema schema, string kind, string valueKind, string namesKind = "", IReadOnlyList<string>? names = null, bool normalized = false)
    {
        var builder = new DataViewSchema.Annotations.Builder();
        builder.AddPrimitiveValue(SetId, new KeyDataViewType(typeof(uint), int.MaxValue), NextSetId(schema));
        builder.AddPrimitiveValue(ColumnKind, TextDataViewType.Instance, kind.AsMemory());
        builder.AddPrimitiveValue(ValueKind, TextDataViewType.Instance, valueKind.AsMemory());
        if (normalized)
            builder.AddPrimitiveValue(Normalized, BooleanDataViewType.Instance, true);
        if (names is not null)
        {
            var values = new VBuffer<ReadOnlyMemory<char>>(names.Count, names.Select(name => name.AsMemory()).ToArray());
            builder.Add(namesKind, new VectorDataViewType(TextDataViewType.Instance, names.Count),
                (ref VBuffer<ReadOnlyMemory<char>> destination) => values.CopyTo(ref destination));
        }
        return builder.ToAnnotations();
    }

    private static uint NextSetId(DataViewSchema schema)
    {
        uint highest = 0;
        foreach (DataViewSchema.Column column in schema)
        {
            if (column.Annotations.Schema.GetColumnOrNull(SetId)?.Type is KeyDataViewType type && type.RawType == typeof(uint))
            {
                uint id = 0;
                column.Annotations.GetValue(SetId, ref id);
                highest = Math.Max(highest, id);
            }
        }
        return highest + 1;
    }
}
