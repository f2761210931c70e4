using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetLlm.Models;
using TorchSharp;

namespace MLNetLlm.Trainers.Tests.Classification;

public class BinaryTextClassificationTests
{
    private readonly MLContext ml = new(seed: 1);

    internal static TextClassificationOptions Options => new()
    {
        Network = Corpus.Network,
        BytePairs = Corpus.BytePairs,
        Training = Corpus.Training,
    };

    [Theory]
    [InlineData(Pooling.LastToken)]
    [InlineData(Pooling.Mean)]
    [InlineData(Pooling.LastTokenAndMean)]
    public void Learns_classes_that_anyone_can_tell_apart(Pooling pooling)
    {
        var split = ml.Data.TrainTestSplit(Corpus.View(ml), 0.25);
        using var model = ml.BinaryClassification.Trainers.TextClassification(Options with { Pooling = pooling, Training = Corpus.Training with { Epochs = 8 } }).Fit(split.TrainSet);

        var metrics = ml.BinaryClassification.Evaluate(model.Transform(split.TestSet));

        Assert.InRange(metrics.Accuracy, 0.95, 1);
        Assert.InRange(metrics.AreaUnderRocCurve, 0.95, 1);
    }

    [Fact]
    public void Score_probability_and_predicted_label_agree()
    {
        using var model = ml.BinaryClassification.Trainers.TextClassification(Options).Fit(Corpus.View(ml));

        var rows = ml.Data.CreateEnumerable<Corpus.Verdict>(model.Transform(Corpus.View(ml, 40)), reuseRowObject: false).ToList();

        Assert.All(rows, row =>
        {
            Assert.Equal(1 / (1 + Math.Exp(-row.Score)), row.Probability, 5);
            Assert.Equal(row.Score > 0, row.IsSpam);
        });
    }

    [Fact]
    public void Cross_validation_works()
    {
        var pipeline = ml.BinaryClassification.Trainers.TextClassification(Options);

        var folds = ml.BinaryClassification.CrossValidate(Corpus.View(ml), pipeline, numberOfFolds: 2);

        Assert.Equal(2, folds.Count);
        Assert.All(folds, fold => Assert.InRange(fold.Metrics.Accuracy, 0.9, 1));
    }

    [Fact]
    public void A_saved_model_serves_the_same_predictions_from_an_engine_under_a_new_context()
    {
        var data = Corpus.View(ml, 20);
        using var model = ml.BinaryClassification.Trainers.TextClassification(Options).Fit(Corpus.View(ml));
        using var zip = new MemoryStream();
        ml.Model.Save(model, data.Schema, zip);
        zip.Position = 0;
        var context = new MLContext();
        var loaded = context.Model.Load(zip, out var schema);

        using var engine = context.Model.CreatePredictionEngine<Corpus.Message, Corpus.Verdict>(loaded, schema);

        var expected = model.Transform(data).GetColumn<float>("Probability").ToArray();
        var actual = Corpus.Messages(20).Select(message => engine.Predict(message).Probability).ToArray();
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 4));
    }

    [Fact]
    public void The_same_seed_gives_the_same_model()
    {
        float[] Scores()
        {
            var context = new MLContext(seed: 3);
            using var model = context.BinaryClassification.Trainers.TextClassification(Options with
            {
                Dropout = 0.1,
                SubwordDropout = 0.1,
                Training = Corpus.Training with { Seed = null, Epochs = 1 },
            }).Fit(Corpus.View(context));
            return model.Transform(Corpus.View(context, 20)).GetColumn<float>("Score").ToArray();
        }

        Assert.Equal(Scores(), Scores());
    }

    [Fact]
    public void Fine_tuning_leaves_the_language_model_as_it_was()
    {
        using var language = Pretrained();
        var before = language.Transform(Corpus.View(ml, 10)).GetColumn<float>("LogLikelihood").ToArray();

        using var model = ml.BinaryClassification.Trainers.TextClassification(Options with { LanguageModel = language.LanguageModel }).Fit(Corpus.View(ml));

        Assert.Equal(before, language.Transform(Corpus.View(ml, 10)).GetColumn<float>("LogLikelihood").ToArray());
    }

    [Fact]
    public void With_no_trainable_blocks_only_the_head_and_the_final_norm_change()
    {
        using var language = Pretrained();
        using var model = ml.BinaryClassification.Trainers.TextClassification(Options with
        {
            LanguageModel = language.LanguageModel,
            TrainableBlocks = 0,
        }).Fit(Corpus.View(ml));

        var before = language.LanguageModel.Network.named_parameters().ToDictionary(pair => pair.Item1, pair => pair.Item2);
        var changed = model.Model.Backbone.Network.named_parameters()
            .Where(pair => !pair.Item2.detach().equal(before[pair.Item1].detach()).all().ToBoolean())
            .Select(pair => pair.Item1).ToList();

        Assert.NotEmpty(changed);
        Assert.All(changed, name => Assert.Contains("ln_f", name));
    }

    [Fact]
    public void Balanced_class_weights_and_the_language_model_loss_can_be_combined()
    {
        using var language = Pretrained();
        using var model = ml.BinaryClassification.Trainers.TextClassification(Options with
        {
            LanguageModel = language.LanguageModel,
            ClassWeights = ClassWeights.Balanced,
            LanguageModelLossWeight = 0.3,
            LabelSmoothing = 0.05,
        }).Fit(Corpus.View(ml));

        Assert.InRange(ml.BinaryClassification.Evaluate(model.Transform(Corpus.View(ml))).Accuracy, 0.95, 1);
    }

    [Fact]
    public void Null_empty_and_very_long_texts_train_and_score()
    {
        var rows = Corpus.Messages(60)
            .Append(new Corpus.Message { Text = null })
            .Append(new Corpus.Message { Text = "" })
            .Append(new Corpus.Message { Text = new string('x', 100_000), Label = true }).ToList();
        var data = ml.Data.LoadFromEnumerable(rows);

        using var model = ml.BinaryClassification.Trainers.TextClassification(Options).Fit(data);

        Assert.All(model.Transform(data).GetColumn<float>("Probability"), probability => Assert.InRange(probability, 0f, 1f));
    }

    private Transforms.LanguageModelTransformer Pretrained() => ml.LanguageModels.Trainers.Pretraining(new PretrainingOptions
    {
        Network = Corpus.Network,
        BytePairs = Corpus.BytePairs,
        Training = Corpus.Training with { Epochs = 1 },
    }).Fit(Corpus.View(ml));
}
