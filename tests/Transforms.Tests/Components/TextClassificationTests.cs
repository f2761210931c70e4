using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetLlm.Transforms.Tests;

public sealed class TextClassificationTests
{
    private static readonly string?[] Texts = ["win a free prize", "see you at home tonight, thanks", "", null, "call me", "the meeting is tomorrow"];

    private readonly MLContext ml = new(seed: 1);

    public sealed class Binary
    {
        public float Score { get; set; }
        public float Probability { get; set; }
        public bool PredictedLabel { get; set; }
    }

    public sealed class Multiclass
    {
        public float[] Score { get; set; } = [];
        public uint PredictedLabel { get; set; }
    }

    public sealed class Named
    {
        public string? Text { get; set; }
        public string? Topic { get; set; }
    }

    [Fact]
    public void BinaryColumnsAgreeWithEachOther()
    {
        using TextClassificationTransformer transformer = BinaryTransformer();
        IDataView output = transformer.Transform(ml.OfTexts(Texts));

        List<float> scores = output.Column<float>("Score"), probabilities = output.Column<float>("Probability");

        Assert.True(scores.Distinct().Count() > 2);
        Assert.Equal(scores.Select(score => score > 0), output.Column<bool>("PredictedLabel"));
        for (int i = 0; i < scores.Count; i++)
            Assert.Equal(1 / (1 + Math.Exp(-scores[i])), probabilities[i], 1e-6);
    }

    [Fact]
    public void BatchedAndSinglePredictionsAreEqual()
    {
        using TextClassificationTransformer transformer = BinaryTransformer();
        using var engine = ml.Model.CreatePredictionEngine<TextOnly, Binary>(transformer);

        List<float> batched = transformer.Transform(ml.OfTexts(Texts)).Column<float>("Score");

        for (int i = 0; i < Texts.Length; i++)
            Assert.Equal(batched[i], engine.Predict(new TextOnly { Text = Texts[i] }).Score, 1e-4f);
    }

    [Fact]
    public void StockBinaryEvaluationTakesTheColumns()
    {
        using TextClassificationTransformer transformer = BinaryTransformer();
        IDataView output = transformer.Transform(ml.Data.LoadFromEnumerable(Message.Many(60)));
        int right = output.Column<bool>("Label").Zip(output.Column<bool>("PredictedLabel"), (label, predicted) => label == predicted).Count(same => same);

        CalibratedBinaryClassificationMetrics metrics = ml.BinaryClassification.Evaluate(output);

        Assert.Equal(right / 60.0, metrics.Accuracy, 1e-9);
        Assert.InRange(metrics.AreaUnderRocCurve, 0, 1);
        Assert.True(double.IsFinite(metrics.LogLoss));
    }

    [Fact]
    public void MulticlassScoresSumToOneAndThePredictedLabelIsTheHighest()
    {
        using TextClassificationTransformer transformer = MulticlassTransformer();
        IDataView output = transformer.Transform(ml.OfTexts(Texts));

        List<float[]> scores = output.Vectors<float>("Score");

        Assert.All(scores, row => Assert.Equal(1, row.Sum(), 1e-5));
        Assert.Equal(scores.Select(row => (uint)Array.IndexOf(row, row.Max()) + 1), output.Column<uint>("PredictedLabel"));
    }

    [Fact]
    public void ClassNamesAreSlotNamesAndKeyValues()
    {
        using TextClassificationTransformer transformer = MulticlassTransformer();
        IDataView output = transformer.Transform(ml.OfTexts(Texts));
        VBuffer<ReadOnlyMemory<char>> slotNames = default, keyValues = default;

        output.Schema["Score"].GetSlotNames(ref slotNames);
        output.Schema["PredictedLabel"].GetKeyValues(ref keyValues);

        Assert.Equal(["news", "spam", "talk"], slotNames.DenseValues().Select(name => name.ToString()));
        Assert.Equal(["news", "spam", "talk"], keyValues.DenseValues().Select(name => name.ToString()));
        List<string> names = ml.Transforms.Conversion.MapKeyToValue("Name", "PredictedLabel").Fit(output).Transform(output).Strings("Name");
        Assert.Equal(output.Column<uint>("PredictedLabel").Select(key => new[] { "news", "spam", "talk" }[key - 1]), names);
    }

    [Fact]
    public void StockMulticlassEvaluationTakesTheColumnsAndShowsTheNames()
    {
        using TextClassificationTransformer transformer = MulticlassTransformer();
        string[] topics = ["news", "spam", "talk"];
        IDataView data = ml.Data.LoadFromEnumerable(Enumerable.Range(0, 30).Select(i => new Named { Text = $"call {i % 4} prize", Topic = topics[i % 3] }));
        IDataView labelled = ml.Transforms.Conversion.MapValueToKey("Label", "Topic").Fit(data).Transform(data);

        MulticlassClassificationMetrics metrics = ml.MulticlassClassification.Evaluate(transformer.Transform(labelled));

        Assert.InRange(metrics.MicroAccuracy, 0, 1);
        Assert.Equal(3, metrics.ConfusionMatrix.NumberOfClasses);
        Assert.Contains("talk", metrics.ConfusionMatrix.GetFormattedConfusionTable());
    }

    [Fact]
    public void ScoreColumnsAreMarkedAsSuch()
    {
        using TextClassificationTransformer transformer = BinaryTransformer();
        IDataView once = transformer.Transform(ml.OfTexts(Texts));
        IDataView twice = transformer.Transform(once);

        Assert.Equal([1u, 1u, 1u], new[] { "Score", "Probability", "PredictedLabel" }.Select(name => SetId(once, name)));
        Assert.Equal([2u, 2u, 2u], new[] { "Score", "Probability", "PredictedLabel" }.Select(name => SetId(twice, name)));
        Assert.Equal("BinaryClassification", Annotation(once, "Score", "ScoreColumnKind"));
        Assert.Equal("Probability", Annotation(once, "Probability", "ScoreValueKind"));
        Assert.True(once.Schema["Probability"].IsNormalized());
    }

    [Fact]
    public void ABinaryTransformerNeedsAModelOfTwoClasses()
    {
        var exception = Assert.Throws<ArgumentException>(() => new TextClassificationTransformer(ml, TinyModels.Classifier("a", "b", "c"), new TextClassificationColumns(), binary: true));

        Assert.Contains("has 3", exception.Message);
    }

    private TextClassificationTransformer BinaryTransformer() => new(ml, TinyModels.Classifier("false", "true"), new TextClassificationColumns(), binary: true);

    private TextClassificationTransformer MulticlassTransformer() => new(ml, TinyModels.Classifier("news", "spam", "talk"), new TextClassificationColumns(), binary: false);

    private static uint SetId(IDataView view, string column)
    {
        uint id = 0;
        view.Schema[column].Annotations.GetValue("ScoreColumnSetId", ref id);
        return id;
    }

    private static string Annotation(IDataView view, string column, string kind)
    {
        ReadOnlyMemory<char> value = default;
        view.Schema[column].Annotations.GetValue(kind, ref value);
        return value.ToString();
    }
}
