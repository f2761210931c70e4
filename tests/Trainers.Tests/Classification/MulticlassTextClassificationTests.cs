using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetLlm.Trainers.Tests.Classification;

public class MulticlassTextClassificationTests
{
    private readonly MLContext ml = new(seed: 1);

    private IEstimator<ITransformer> Pipeline() => ml.Transforms.Conversion.MapValueToKey("Label", "Kind")
        .Append(ml.MulticlassClassification.Trainers.TextClassification(BinaryTextClassificationTests.Options))
        .Append(ml.Transforms.Conversion.MapKeyToValue("Kind", "PredictedLabel"));

    private IDataView Data(int count = 240)
    {
        var data = Corpus.View(ml, count);
        return ml.Transforms.DropColumns("Label").Fit(data).Transform(data);
    }

    [Fact]
    public void Learns_three_classes_with_scores_that_sum_to_one()
    {
        var model = Pipeline().Fit(Data());

        var output = model.Transform(Data(60));
        var metrics = ml.MulticlassClassification.Evaluate(output);

        Assert.InRange(metrics.MicroAccuracy, 0.95, 1);
        Assert.All(output.GetColumn<float[]>("Score"), scores =>
        {
            Assert.Equal(3, scores.Length);
            Assert.Equal(1, scores.Sum(), 4);
        });
        (model as IDisposable)?.Dispose();
    }

    [Fact]
    public void Predicted_keys_map_back_to_the_label_values()
    {
        var model = Pipeline().Fit(Data());

        var kinds = model.Transform(Data(30)).GetColumn<string>("Kind").ToList();

        Assert.Equal(["ask", "meet", "spam"], kinds.Distinct().Order());
        (model as IDisposable)?.Dispose();
    }

    [Fact]
    public void A_validation_set_whose_keys_mean_other_classes_is_refused()
    {
        var keys = ml.Transforms.Conversion.MapValueToKey("Label", "Kind");
        var estimator = ml.MulticlassClassification.Trainers.TextClassification(BinaryTextClassificationTests.Options with
        {
            ValidationSet = keys.Fit(Backwards()).Transform(Backwards()),
        });

        var error = Assert.Throws<InvalidOperationException>(() => estimator.Fit(keys.Fit(Data()).Transform(Data())));

        Assert.Contains("ValidationSet", error.Message);
        Assert.Contains("spam, meet, ask", error.Message);
        Assert.Contains("ask, meet, spam", error.Message);

        IDataView Backwards() => ml.Data.LoadFromEnumerable(Corpus.Messages(30).Reverse().Select(message => new { message.Kind, message.Text }));
    }

    [Fact]
    public void The_score_column_names_its_slots_after_the_classes()
    {
        var model = Pipeline().Fit(Data());

        VBuffer<ReadOnlyMemory<char>> names = default;
        model.Transform(Data(3)).Schema["Score"].GetSlotNames(ref names);

        Assert.Equal(["ask", "meet", "spam"], names.DenseValues().Select(name => name.ToString()).Order());
        (model as IDisposable)?.Dispose();
    }
}
