using Microsoft.ML;

namespace MLNetLlm.Trainers.Tests.Classification;

public class ClassWeightsTests
{
    private readonly MLContext ml = new(seed: 1);

    [Fact]
    public void Balanced_gives_every_class_the_same_weight_in_all() =>
        Assert.Equal([0.625f, 2.5f], ClassWeights.Balanced.For(["ham", "spam"], [0, 0, 0, 0, 1]));

    [Fact]
    public void A_class_without_a_weight_counts_one() =>
        Assert.Equal([1f, 4f], ClassWeights.Of(new Dictionary<string, double> { ["spam"] = 4 }).For(["ham", "spam"], [0, 1]));

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    public void A_weight_that_is_not_above_zero_is_refused_by_name(double weight)
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => ClassWeights.Of(new Dictionary<string, double> { ["spam"] = weight }));

        Assert.Contains("ClassWeights['spam']", error.Message);
    }

    [Fact]
    public void A_class_that_the_data_does_not_have_is_refused_by_name()
    {
        var estimator = ml.BinaryClassification.Trainers.TextClassification(BinaryTextClassificationTests.Options with
        {
            ClassWeights = ClassWeights.Of(new Dictionary<string, double> { ["spam"] = 2 }),
        });

        var error = Assert.Throws<ArgumentException>(() => estimator.Fit(Corpus.View(ml)));

        Assert.Contains("'spam'", error.Message);
        Assert.Contains("false, true", error.Message);
    }
}
