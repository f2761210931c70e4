using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using Column = Microsoft.ML.SchemaShape.Column;

namespace Microsoft.ML.Trainers;

/// <summary>The columns that trainers take and give.</summary>
internal static class TrainerColumns
{
    public static Column Features(string name) => new(name, Column.VectorKind.Vector, NumberDataViewType.Single, false);

    public static Column BooleanLabel(string name) => new(name, Column.VectorKind.Scalar, BooleanDataViewType.Instance, false);

    public static Column KeyLabel(string name) => new(name, Column.VectorKind.Scalar, NumberDataViewType.UInt32, true);

    public static Column Weight(string name) => name is null ? default : new Column(name, Column.VectorKind.Scalar, NumberDataViewType.Single, false);

    private static IEnumerable<Column> ScoreAnnotations =>
    [
        new(AnnotationKinds.ScoreColumnSetId, Column.VectorKind.Scalar, NumberDataViewType.UInt32, true),
        new(AnnotationKinds.ScoreColumnKind, Column.VectorKind.Scalar, TextDataViewType.Instance, false),
        new(AnnotationKinds.ScoreValueKind, Column.VectorKind.Scalar, TextDataViewType.Instance, false),
    ];

    public static IEnumerable<Column> BinaryOutputs(bool isCalibrated)
    {
        yield return new Column("Score", Column.VectorKind.Scalar, NumberDataViewType.Single, false, new SchemaShape(ScoreAnnotations));
        if (isCalibrated)
        {
            yield return new Column("Probability", Column.VectorKind.Scalar, NumberDataViewType.Single, false,
                new SchemaShape(ScoreAnnotations.Append(Shapes.IsNormalized)));
        }
        yield return new Column("PredictedLabel", Column.VectorKind.Scalar, BooleanDataViewType.Instance, false, new SchemaShape(ScoreAnnotations));
    }

    public static IEnumerable<Column> MulticlassOutputs(Column label)
    {
        IEnumerable<Column> keyValues = Shapes.Pick(label.Annotations, AnnotationKinds.KeyValues);
        IEnumerable<Column> slotNames = keyValues.Where(values => values.ItemType is TextDataViewType)
            .Select(values => Shapes.Annotation(AnnotationKinds.SlotNames, values.ItemType));
        yield return new Column("Score", Column.VectorKind.Vector, NumberDataViewType.Single, false, new SchemaShape(ScoreAnnotations.Concat(slotNames)));
        yield return new Column("PredictedLabel", Column.VectorKind.Scalar, NumberDataViewType.UInt32, true, new SchemaShape(ScoreAnnotations.Concat(keyValues)));
    }
}
