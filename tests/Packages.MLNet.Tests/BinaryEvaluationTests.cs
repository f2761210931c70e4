namespace Packages.MLNet.Tests;

public class BinaryEvaluationTests
{
    private readonly MLContext _ml = new(1);

    private sealed class Scored
    {
        public bool Label { get; set; }
        public float Score { get; set; }
        public float Probability { get; set; }
        public bool PredictedLabel { get; set; }
    }

    private static Scored Row(bool label, float score) =>
        new() { Label = label, Score = score, Probability = 1 / (1 + MathF.Exp(-score)), PredictedLabel = score > 0 };

    // Six rows: true positives 2, false negatives 1, false positives 1, true negatives 2.
    private static Scored[] Rows => [Row(true, 2), Row(true, 1), Row(true, -1), Row(false, 0.5f), Row(false, -1), Row(false, -3)];

    private CalibratedBinaryClassificationMetrics Evaluate(params Scored[] rows) => _ml.BinaryClassification.Evaluate(_ml.Data.LoadFromEnumerable(rows));

    [Fact]
    public void Counts_give_accuracy_precision_recall_and_f1()
    {
        CalibratedBinaryClassificationMetrics metrics = Evaluate(Rows);

        Assert.Equal(4 / 6.0, metrics.Accuracy, 10);
        Assert.Equal(2 / 3.0, metrics.PositivePrecision, 10);
        Assert.Equal(2 / 3.0, metrics.PositiveRecall, 10);
        Assert.Equal(2 / 3.0, metrics.NegativePrecision, 10);
        Assert.Equal(2 / 3.0, metrics.NegativeRecall, 10);
        Assert.Equal(2 / 3.0, metrics.F1Score, 10);
    }

    [Fact]
    public void The_curve_areas_follow_the_order_of_scores()
    {
        CalibratedBinaryClassificationMetrics metrics = Evaluate(Rows);

        // Of nine pairs seven are in order, one is tied.
        Assert.Equal(7.5 / 9, metrics.AreaUnderRocCurve, 10);
        // Recall 1/3 at precision 1, 2/3 at 1, then 2/3 precision, and 3/4 at full recall: trapezoids between neighbours.
        Assert.Equal((1.0 + 1 + (2 / 3.0 + 3 / 4.0) / 2) / 3, metrics.AreaUnderPrecisionRecallCurve, 10);
    }

    [Fact]
    public void Losses_are_in_bits()
    {
        CalibratedBinaryClassificationMetrics metrics = Evaluate(Rows);
        double expected = Rows.Average(row => -Math.Log2(row.Label ? row.Probability : 1.0 - row.Probability));

        Assert.Equal(expected, metrics.LogLoss, 6);
        Assert.Equal(1, metrics.Entropy, 10);
        Assert.Equal(1 - expected, metrics.LogLossReduction, 6);
    }

    [Fact]
    public void The_predicted_class_is_that_of_the_score_whatever_the_predicted_label_says()
    {
        Scored[] rows = Rows;
        foreach (Scored row in rows)
            row.PredictedLabel = !row.PredictedLabel;

        Assert.Equal(4 / 6.0, Evaluate(rows).Accuracy, 10);
    }

    [Fact]
    public void The_confusion_matrix_has_the_positive_class_first()
    {
        ConfusionMatrix matrix = Evaluate([.. Rows, Row(false, 1)]).ConfusionMatrix;

        Assert.Equal(2, matrix.NumberOfClasses);
        Assert.Equal([2, 1], matrix.Counts[0]);
        Assert.Equal([2, 2], matrix.Counts[1]);
        Assert.Equal(2, matrix.GetCountForClassPair(predictedClassIndicatorIndex: 0, actualClassIndicatorIndex: 1));
        Assert.Equal(1, matrix.GetCountForClassPair(predictedClassIndicatorIndex: 1, actualClassIndicatorIndex: 0));
        Assert.Equal(2 / 4.0, matrix.PerClassPrecision[0], 10);
        Assert.Equal(2 / 3.0, matrix.PerClassRecall[0], 10);
        Assert.Throws<ArgumentOutOfRangeException>(() => matrix.GetCountForClassPair(2, 0));
    }

    [Fact]
    public void The_confusion_table_is_drawn()
    {
        string expected = string.Join(Environment.NewLine,
            "TEST POSITIVE RATIO:\t0.5000 (3.0/(3.0+3.0))",
            "Confusion table",
            "          ||======================",
            "PREDICTED || positive | negative | Recall",
            "TRUTH     ||======================",
            " positive ||        2 |        1 | 0.6667",
            " negative ||        1 |        2 | 0.6667",
            "          ||======================",
            "Precision ||   0.6667 |   0.6667 |",
            "");

        Assert.Equal(expected, Evaluate(Rows).ConfusionMatrix.GetFormattedConfusionTable());
    }

    [Fact]
    public void Rows_without_a_usable_score_do_not_count()
    {
        Assert.Equal(4 / 6.0, Evaluate([.. Rows, Row(true, float.NaN)]).Accuracy, 10);
    }

    [Fact]
    public void One_class_alone_has_no_curve()
    {
        var noNegative = Assert.Throws<ArgumentOutOfRangeException>(() => Evaluate(Row(true, 1), Row(true, 2)));
        Assert.Contains("AUC is not defined when there is no negative class in the data", noNegative.Message);
        var noPositive = Assert.Throws<ArgumentOutOfRangeException>(() => Evaluate(Row(false, 1)));
        Assert.Contains("AUC is not defined when there is no positive class in the data", noPositive.Message);
    }

    [Fact]
    public void Uncalibrated_scores_need_no_probability()
    {
        IDataView data = _ml.Transforms.DropColumns("Probability").Fit(_ml.Data.LoadFromEnumerable(Rows)).Transform(_ml.Data.LoadFromEnumerable(Rows));

        Assert.Equal(4 / 6.0, _ml.BinaryClassification.EvaluateNonCalibrated(data).Accuracy, 10);
        Assert.Equal(7.5 / 9, _ml.BinaryClassification.EvaluateNonCalibrated(data).AreaUnderRocCurve, 10);
    }

    [Theory]
    [InlineData("Label")]
    [InlineData("Score")]
    [InlineData("Probability")]
    [InlineData("PredictedLabel")]
    public void A_missing_column_is_named(string column)
    {
        IDataView all = _ml.Data.LoadFromEnumerable(Rows);
        IDataView data = _ml.Transforms.DropColumns(column).Fit(all).Transform(all);

        var exception = Assert.Throws<ArgumentOutOfRangeException>(() => _ml.BinaryClassification.Evaluate(data));

        Assert.Contains($"{column} column '{column}' not found", exception.Message);
    }

    private sealed class WrongScore
    {
        public bool Label { get; set; }
        public double Score { get; set; }
        public float Probability { get; set; }
        public bool PredictedLabel { get; set; }
    }

    private sealed class WrongLabel
    {
        public string Label { get; set; }
        public float Score { get; set; }
        public float Probability { get; set; }
        public bool PredictedLabel { get; set; }
    }

    [Fact]
    public void Columns_of_a_wrong_type_are_named_with_their_types()
    {
        var score = Assert.Throws<ArgumentOutOfRangeException>(() => _ml.BinaryClassification.Evaluate(_ml.Data.LoadFromEnumerable(new[] { new WrongScore() })));
        Assert.Contains("Schema mismatch for score column 'Score': expected Single, got Double", score.Message);

        var label = Assert.Throws<ArgumentOutOfRangeException>(() => _ml.BinaryClassification.Evaluate(_ml.Data.LoadFromEnumerable(new[] { new WrongLabel() })));
        Assert.Contains("Schema mismatch for label column 'Label': expected Single, Double, Boolean, or a Key with cardinality 2, got String", label.Message);
    }

    private sealed class KeyLabel
    {
        public string Label { get; set; }
        public float Score { get; set; }
        public bool PredictedLabel { get; set; }
    }

    [Fact]
    public void A_label_may_be_a_key_of_two_values_which_name_the_classes()
    {
        IDataView raw = _ml.Data.LoadFromEnumerable(Rows.Select(row => new KeyLabel { Label = row.Label ? "spam" : "ham", Score = row.Score, PredictedLabel = row.PredictedLabel })
            .OrderBy(row => row.Label).ToArray());
        IDataView data = _ml.Transforms.Conversion.MapValueToKey("Label").Fit(raw).Transform(raw);

        BinaryClassificationMetrics metrics = _ml.BinaryClassification.EvaluateNonCalibrated(data);

        Assert.Equal(4 / 6.0, metrics.Accuracy, 10);
        Assert.Contains("TEST HAM RATIO", metrics.ConfusionMatrix.GetFormattedConfusionTable());
    }
}
