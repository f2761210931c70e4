using Microsoft.ML.Trainers;

namespace Packages.MLNet.Tests;

public class TrainerTests
{
    private readonly MLContext _ml = new(1);

    private sealed class Point
    {
        public bool Label { get; set; }
        public string Class { get; set; }

        [VectorType(2)]
        public float[] Features { get; set; }
    }

    private sealed class Prediction
    {
        public bool PredictedLabel { get; set; }
        public float Score { get; set; }
        public float Probability { get; set; }
    }

    private IDataView Data(int count = 300, int seed = 3)
    {
        var random = new Random(seed);
        return _ml.Data.LoadFromEnumerable(Enumerable.Range(0, count).Select(_ =>
        {
            float x = random.NextSingle() * 2 - 1;
            float y = random.NextSingle() * 2 - 1;
            return new Point { Label = x + 0.5f * y > 0.1f, Class = x > 0.3f ? "right" : x < -0.3f ? "left" : "middle", Features = [x, y] };
        }).ToArray());
    }

    [Fact]
    public void The_averaged_perceptron_learns_a_line()
    {
        AveragedPerceptronTrainer trainer = _ml.BinaryClassification.Trainers.AveragedPerceptron();
        BinaryPredictionTransformer<LinearBinaryModelParameters> model = trainer.Fit(Data());
        IDataView scored = model.Transform(Data(seed: 4));

        Assert.InRange(_ml.BinaryClassification.EvaluateNonCalibrated(scored).Accuracy, 0.95, 1);
        Assert.Equal(2, model.Model.Weights.Count);
        Assert.InRange(model.Model.Weights[1] / model.Model.Weights[0], 0.3, 0.7);
        Assert.Equal("Features", model.FeatureColumnName);
        Assert.Equal(["PredictedLabel", "Score"], NewColumns(scored));
        Assert.Equal("Boolean", scored.Schema["PredictedLabel"].Type.ToString());
    }

    [Fact]
    public void Logistic_regression_gives_probabilities()
    {
        LbfgsLogisticRegressionBinaryTrainer trainer = _ml.BinaryClassification.Trainers.LbfgsLogisticRegression(l1Regularization: 0.1f, l2Regularization: 0.1f);
        IDataView scored = trainer.Fit(Data()).Transform(Data(seed: 4));
        Prediction[] predictions = _ml.Data.CreateEnumerable<Prediction>(scored, false).ToArray();

        Assert.InRange(_ml.BinaryClassification.Evaluate(scored).Accuracy, 0.95, 1);
        Assert.InRange(_ml.BinaryClassification.Evaluate(scored).LogLoss, 0, 0.35);
        Assert.Equal(["PredictedLabel", "Score", "Probability"], NewColumns(scored));
        Assert.True(scored.Schema["Probability"].IsNormalized());
        foreach (Prediction prediction in predictions)
        {
            Assert.Equal(1 / (1 + Math.Exp(-prediction.Score)), prediction.Probability, 4);
            Assert.Equal(prediction.Score > 0, prediction.PredictedLabel);
        }
    }

    [Fact]
    public void Logistic_regression_finds_the_minimum_of_its_objective()
    {
        var model = _ml.BinaryClassification.Trainers.LbfgsLogisticRegression(l1Regularization: 0, l2Regularization: 1, optimizationTolerance: 1e-8f).Fit(Data());
        LinearBinaryModelParameters linear = model.Model.SubModel;

        // At the minimum the gradient of loss and penalty vanishes.
        double[] gradient = [0, linear.Weights[0], linear.Weights[1]];
        foreach (Point point in _ml.Data.CreateEnumerable<Point>(Data(), false))
        {
            double score = linear.Bias + linear.Weights[0] * point.Features[0] + linear.Weights[1] * point.Features[1];
            double slope = 1 / (1 + Math.Exp(-score)) - (point.Label ? 1 : 0);
            gradient[0] += slope;
            gradient[1] += slope * point.Features[0];
            gradient[2] += slope * point.Features[1];
        }
        Assert.All(gradient, value => Assert.InRange(value, -0.1, 0.1));
    }

    [Fact]
    public void A_strong_absolute_penalty_makes_weights_zero()
    {
        var model = _ml.BinaryClassification.Trainers.LbfgsLogisticRegression(l1Regularization: 1000).Fit(Data());

        Assert.Equal([0f, 0f], model.Model.SubModel.Weights);
    }

    [Fact]
    public void Maximum_entropy_gives_a_probability_for_each_class()
    {
        IEstimator<ITransformer> pipeline = _ml.Transforms.Conversion.MapValueToKey("Label", "Class")
            .Append(_ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy(l1Regularization: 0, l2Regularization: 0.1f))
            .Append(_ml.Transforms.Conversion.MapKeyToValue("PredictedLabel"));
        IDataView scored = pipeline.Fit(Data()).Transform(Data(seed: 4));

        float[][] scores = scored.GetColumn<float[]>("Score").ToArray();
        string[] predicted = scored.GetColumn<string>("PredictedLabel").ToArray();
        string[] actual = scored.GetColumn<string>("Class").ToArray();

        Assert.All(scores, row => Assert.Equal(1, row.Sum(), 4));
        Assert.InRange(predicted.Zip(actual).Count(pair => pair.First == pair.Second) / (double)actual.Length, 0.9, 1);
        VBuffer<ReadOnlyMemory<char>> names = default;
        scored.Schema["Score"].GetSlotNames(ref names);
        Assert.Equal(["left", "middle", "right"], names.DenseValues().Select(name => name.ToString()).Order());
    }

    [Fact]
    public void Cross_validation_gives_metrics_and_a_model_for_each_fold()
    {
        var results = _ml.BinaryClassification.CrossValidateNonCalibrated(Data(), _ml.BinaryClassification.Trainers.AveragedPerceptron(), numberOfFolds: 3);
        var calibrated = _ml.BinaryClassification.CrossValidate(Data(), _ml.BinaryClassification.Trainers.LbfgsLogisticRegression(), numberOfFolds: 2);

        Assert.Equal([0, 1, 2], results.Select(result => result.Fold));
        Assert.All(results, result => Assert.InRange(result.Metrics.Accuracy, 0.85, 1));
        Assert.All(calibrated, result => Assert.InRange(result.Metrics.AreaUnderRocCurve, 0.9, 1));
        Assert.Equal(300, results.Sum(result => result.ScoredHoldOutSet.GetColumn<bool>("Label").Count()));
        Assert.NotSame(results[0].Model, results[1].Model);
    }

    [Fact]
    public void Multiclass_cross_validation_works_too()
    {
        IDataView data = _ml.Transforms.Conversion.MapValueToKey("Label", "Class").Fit(Data()).Transform(Data());

        var results = _ml.MulticlassClassification.CrossValidate(data, _ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy(), numberOfFolds: 2);

        Assert.All(results, result => Assert.InRange(result.Metrics.MicroAccuracy, 0.6, 1));
    }

    [Fact]
    public void Columns_are_checked_before_training()
    {
        var features = Assert.Throws<ArgumentOutOfRangeException>(() => _ml.BinaryClassification.Trainers.AveragedPerceptron(featureColumnName: "Nope").Fit(Data()));
        Assert.Contains("Could not find feature column 'Nope'", features.Message);

        var label = Assert.Throws<ArgumentOutOfRangeException>(() => _ml.BinaryClassification.Trainers.AveragedPerceptron(labelColumnName: "Class").Fit(Data()));
        Assert.Contains("Schema mismatch for label column 'Class': expected Boolean, got String", label.Message);

        var key = Assert.Throws<ArgumentOutOfRangeException>(() => _ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy(labelColumnName: "Class").Fit(Data()));
        Assert.Contains("Schema mismatch for label column 'Class': expected Key<UInt32>, got String", key.Message);
    }

    [Fact]
    public void A_trained_model_applies_only_to_features_of_its_type()
    {
        var model = _ml.BinaryClassification.Trainers.AveragedPerceptron().Fit(Data());
        IDataView other = _ml.Transforms.Concatenate("Features", "Features", "Features").Fit(Data()).Transform(Data());

        var exception = Assert.Throws<ArgumentOutOfRangeException>(() => model.GetOutputSchema(other.Schema));

        Assert.Contains("Schema mismatch for feature column 'Features': expected Vector<Single, 2>, got Vector<Single, 4>", exception.Message);
    }

    private static string[] NewColumns(IDataView scored) => scored.Schema.Skip(3).Select(column => column.Name).ToArray();
}
