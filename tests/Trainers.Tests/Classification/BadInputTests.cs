using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetLlm.Trainers.Tests.Classification;

public class BadInputTests
{
    private readonly MLContext ml = new(seed: 1);

    private static TextClassificationOptions Options => BinaryTextClassificationTests.Options;

    [Theory]
    [InlineData("Label")]
    [InlineData("Text")]
    public void A_missing_column_is_refused_by_name(string column)
    {
        var data = ml.Transforms.DropColumns(column).Fit(Corpus.View(ml)).Transform(Corpus.View(ml));
        var estimator = ml.BinaryClassification.Trainers.TextClassification(Options);

        Assert.Contains(column, Assert.ThrowsAny<Exception>(() => estimator.Fit(data)).Message);
    }

    [Fact]
    public void A_binary_label_must_be_boolean()
    {
        var estimator = ml.BinaryClassification.Trainers.TextClassification(Options with { LabelColumnName = "Kind" });

        var message = Assert.ThrowsAny<Exception>(() => estimator.Fit(Corpus.View(ml))).Message;

        Assert.Contains("Kind", message);
        Assert.Contains("Boolean", message);
    }

    [Fact]
    public void A_multiclass_label_must_be_a_key()
    {
        var estimator = ml.MulticlassClassification.Trainers.TextClassification(Options with { LabelColumnName = "Kind" });

        var message = Assert.ThrowsAny<Exception>(() => estimator.Fit(Corpus.View(ml))).Message;

        Assert.Contains("Kind", message);
        Assert.Contains("key", message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void A_chain_fails_early_when_a_column_is_missing()
    {
        var pipeline = ml.Transforms.CopyColumns("Copy", "Text")
            .Append(ml.BinaryClassification.Trainers.TextClassification(Options with { TextColumnName = "Nowhere" }));

        Assert.Contains("Nowhere", Assert.ThrowsAny<Exception>(() => pipeline.Fit(Corpus.View(ml))).Message);
    }

    [Fact]
    public void Empty_data_is_refused()
    {
        var estimator = ml.BinaryClassification.Trainers.TextClassification(Options);

        var error = Assert.Throws<InvalidOperationException>(() => estimator.Fit(ml.Data.LoadFromEnumerable(new List<Corpus.Message>())));

        Assert.Contains("no rows", error.Message);
    }

    [Fact]
    public void Rows_of_one_class_only_are_refused()
    {
        var estimator = ml.BinaryClassification.Trainers.TextClassification(Options);
        var data = ml.Data.LoadFromEnumerable(Corpus.Messages(30).Where(message => message.Label).ToList());

        var error = Assert.Throws<InvalidOperationException>(() => estimator.Fit(data));

        Assert.Contains("10 training rows", error.Message);
        Assert.Contains("'true'", error.Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(33)]
    public void A_maximum_of_tokens_outside_the_context_is_refused(int tokens)
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(
            () => ml.BinaryClassification.Trainers.TextClassification(Options with { MaximumTokens = tokens }));

        Assert.Contains("MaximumTokens must be between 3 and the context length 32", error.Message);
    }

    [Fact]
    public void A_pooling_that_is_none_is_refused_when_the_trainer_is_made() => Assert.Contains(
        "Pooling must be one of LastToken", Assert.Throws<ArgumentOutOfRangeException>(
            () => ml.BinaryClassification.Trainers.TextClassification(Options with { Pooling = (MLNetLlm.Models.Pooling)99 })).Message);

    [Fact]
    public void A_pooling_that_the_model_has_no_layer_for_is_refused_when_the_trainer_is_made()
    {
        using var decoder = Instructions.Tasks.BaseModel();

        var error = Assert.Throws<ArgumentException>(() => ml.BinaryClassification.Trainers.TextClassification(
            Options with { LanguageModel = decoder, Pooling = MLNetLlm.Models.Pooling.Pooler }));

        Assert.Contains("Pooling is Pooler", error.Message);
        Assert.Contains("GptModel", error.Message);
    }

    [Fact]
    public void More_trainable_blocks_than_the_model_has_are_refused()
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(
            () => ml.BinaryClassification.Trainers.TextClassification(Options with { TrainableBlocks = 3 }));

        Assert.Contains("2 blocks", error.Message);
    }
}
