namespace Packages.MLNet.Tests;

public class MulticlassEvaluationTests
{
    private readonly MLContext _ml = new(1);

    private sealed class Scored
    {
        [KeyType(3)]
        public uint Label { get; set; }

        [VectorType(3)]
        public float[] Score { get; set; }

        [KeyType(3)]
        public uint PredictedLabel { get; set; }
    }

    private static Scored Row(uint label, params float[] score) => new() { Label = label, Score = score };

    private static Scored[] Rows =>
    [
        Row(0, 0.7f, 0.2f, 0.1f),
        Row(0, 0.3f, 0.6f, 0.1f),
        Row(1, 0.1f, 0.8f, 0.1f),
        Row(2, 0.5f, 0.4f, 0.1f),
    ];

    private MulticlassClassificationMetrics Evaluate(Scored[] rows, int topK = 0) =>
        _ml.MulticlassClassification.Evaluate(_ml.Data.LoadFromEnumerable(rows), topKPredictionCount: topK);

    [Fact]
    public void Accuracies_count_rows_and_classes_alike()
    {
        MulticlassClassificationMetrics metrics = Evaluate(Rows);

        Assert.Equal(2 / 4.0, metrics.MicroAccuracy, 10);
        Assert.Equal((0.5 + 1 + 0) / 3, metrics.MacroAccuracy, 10);
    }

    [Fact]
    public void Losses_are_in_nats()
    {
        MulticlassClassificationMetrics metrics = Evaluate(Rows);
        double loss = -(Math.Log(0.7) + Math.Log(0.3) + Math.Log(0.8) + Math.Log(0.1)) / 4;
        double entropy = -(0.5 * Math.Log(0.5) + 2 * 0.25 * Math.Log(0.25));

        Assert.Equal(loss, metrics.LogLoss, 6);
        Assert.Equal((entropy - loss) / entropy, metrics.LogLossReduction, 6);
        Assert.Equal([-(Math.Log(0.7) + Math.Log(0.3)) / 2, -Math.Log(0.8), -Math.Log(0.1)], metrics.PerClassLogLoss, (a, b) => Math.Abs(a - b) < 1e-6);
    }

    [Fact]
    public void The_true_class_may_be_among_the_best_few()
    {
        MulticlassClassificationMetrics metrics = Evaluate(Rows, topK: 2);

        Assert.Equal(2, metrics.TopKPredictionCount);
        Assert.Equal(3 / 4.0, metrics.TopKAccuracy, 10);
        Assert.Equal([2 / 4.0, 3 / 4.0], metrics.TopKAccuracyForAllK);
        Assert.Equal(0, Evaluate(Rows).TopKPredictionCount);
        Assert.Throws<ArgumentOutOfRangeException>(() => Evaluate(Rows, topK: -1));
    }

    [Fact]
    public void The_confusion_matrix_has_true_classes_in_rows()
    {
        ConfusionMatrix matrix = Evaluate(Rows).ConfusionMatrix;

        Assert.Equal([1, 1, 0], matrix.Counts[0]);
        Assert.Equal([0, 1, 0], matrix.Counts[1]);
        Assert.Equal([1, 0, 0], matrix.Counts[2]);
        Assert.Equal([0.5, 1, 0], matrix.PerClassRecall);
        Assert.Equal([0.5, 0.5, 0], matrix.PerClassPrecision);
    }

    [Fact]
    public void The_confusion_table_is_drawn()
    {
        string expected = string.Join(Environment.NewLine,
            "",
            "Confusion table",
            "          ||========================",
            "PREDICTED ||     0 |     1 |     2 | Recall",
            "TRUTH     ||========================",
            "        0 ||     1 |     1 |     0 | 0.5000",
            "        1 ||     0 |     1 |     0 | 1.0000",
            "        2 ||     1 |     0 |     0 | 0.0000",
            "          ||========================",
            "Precision ||0.5000 |0.5000 |0.0000 |",
            "");

        Assert.Equal(expected, Evaluate(Rows).ConfusionMatrix.GetFormattedConfusionTable());
    }

    [Fact]
    public void Slot_names_of_the_score_name_the_classes_and_long_names_are_numbered()
    {
        SchemaDefinition definition = SchemaDefinition.Create(typeof(Scored));
        var names = new VBuffer<ReadOnlyMemory<char>>(3, ["sports".AsMemory(), "politics".AsMemory(), "a".AsMemory()]);
        definition["Score"].AddAnnotation("SlotNames", names, new VectorDataViewType(TextDataViewType.Instance, 3));

        string table = _ml.MulticlassClassification.Evaluate(_ml.Data.LoadFromEnumerable(Rows, definition)).ConfusionMatrix.GetFormattedConfusionTable();

        Assert.Contains("PREDICTED   ||     0 |     1 |     2 | Recall", table);
        Assert.Contains("0.   sports ||", table);
        Assert.Contains("1. politics ||", table);
    }

    [Fact]
    public void Rows_without_a_label_or_with_broken_scores_do_not_count()
    {
        Assert.Equal(0.5, Evaluate([.. Rows, Row(9, 1, 0, 0), Row(0, float.NaN, 0, 0)]).MicroAccuracy, 10);
    }

    [Fact]
    public void Of_equal_scores_the_first_counts_as_the_higher()
    {
        Assert.Equal(0.5, Evaluate([Row(0, 0.4f, 0.4f, 0.2f), Row(1, 0.4f, 0.4f, 0.2f)]).MicroAccuracy, 10);
    }

    private sealed class Scalar
    {
        [KeyType(3)]
        public uint Label { get; set; }
        public float Score { get; set; }
        public uint PredictedLabel { get; set; }
    }

    private sealed class TextLabel
    {
        public string Label { get; set; }

        [VectorType(3)]
        public float[] Score { get; set; }
        public uint PredictedLabel { get; set; }
    }

    [Fact]
    public void Columns_of_a_wrong_type_are_named_with_their_types()
    {
        var score = Assert.Throws<ArgumentOutOfRangeException>(() => _ml.MulticlassClassification.Evaluate(_ml.Data.LoadFromEnumerable(new[] { new Scalar() })));
        Assert.Contains("Schema mismatch for score column 'Score': expected vector of two or more items of type Single, got Single", score.Message);

        var label = Assert.Throws<ArgumentOutOfRangeException>(() => _ml.MulticlassClassification.Evaluate(_ml.Data.LoadFromEnumerable(new[] { new TextLabel() })));
        Assert.Contains("Schema mismatch for label column 'Label': expected Single or Key, got String", label.Message);
    }
}
