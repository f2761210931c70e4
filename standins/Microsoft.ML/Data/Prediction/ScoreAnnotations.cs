namespace Microsoft.ML.Data;

/// <summary>The annotations by which a score column says which columns belong together and what they hold.</summary>
internal static class ScoreAnnotations
{
    public static DataViewSchema.Annotations Make(DataViewSchema inputSchema, string columnKind, string valueKind,
        Action<DataViewSchema.Annotations.Builder> addMore = null)
    {
        var builder = new DataViewSchema.Annotations.Builder();
        uint set = NextSet(inputSchema);
        builder.AddPrimitiveValue(AnnotationKinds.ScoreColumnSetId, new KeyDataViewType(typeof(uint), int.MaxValue), set);
        builder.AddPrimitiveValue(AnnotationKinds.ScoreColumnKind, TextDataViewType.Instance, columnKind.AsMemory());
        builder.AddPrimitiveValue(AnnotationKinds.ScoreValueKind, TextDataViewType.Instance, valueKind.AsMemory());
        addMore?.Invoke(builder);
        return builder.ToAnnotations();
    }

    private static uint NextSet(DataViewSchema schema)
    {
        uint last = 0;
        foreach (DataViewSchema.Column column in schema)
        {
            if (column.Annotations.Schema.GetColumnOrNull(AnnotationKinds.ScoreColumnSetId)?.Type.RawType != typeof(uint))
                continue;
            uint set = 0;
            column.Annotations.GetValue(AnnotationKinds.ScoreColumnSetId, ref set);
            last = Math.Max(last, set);
        }
        return last + 1;
    }
}
