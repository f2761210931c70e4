using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetLlm.Models;

namespace MLNetLlm.Trainers.Tests.Pretraining;

public class PretrainingTests
{
    private readonly MLContext ml = new(seed: 1);

    private static PretrainingOptions Options => new()
    {
        Network = Corpus.Network,
        BytePairs = Corpus.BytePairs,
        Training = Corpus.Training,
        Generation = new GenerationOptions { MaximumNewTokens = 8 },
    };

    [Fact]
    public void Learns_the_texts_far_better_than_chance()
    {
        using var model = ml.LanguageModels.Trainers.Pretraining(Options).Fit(Corpus.View(ml));

        var output = model.Transform(Corpus.View(ml, 30));

        var perplexity = output.GetColumn<float>("Perplexity").Average();
        Assert.InRange(perplexity, 1f, 40f);
        Assert.All(output.GetColumn<float>("LogLikelihood"), value => Assert.True(value < 0));
        Assert.All(output.GetColumn<string>("Continuation"), Assert.NotNull);
    }

    [Fact]
    public void The_same_seed_gives_the_same_model()
    {
        float[] LogLikelihoods()
        {
            var context = new MLContext(seed: 1);
            using var model = context.LanguageModels.Trainers.Pretraining(Options with
            {
                Network = Corpus.Network with { Dropout = 0.1 },
                SubwordDropout = 0.1,
                Training = Corpus.Training with { Epochs = 1, Seed = null },
            }).Fit(Corpus.View(context));
            return model.Transform(Corpus.View(context, 10)).GetColumn<float>("LogLikelihood").ToArray();
        }

        Assert.Equal(LogLikelihoods(), LogLikelihoods());
    }

    [Fact]
    public void Continues_from_a_given_model_without_changing_it()
    {
        using var first = ml.LanguageModels.Trainers.Pretraining(Options with { Training = Corpus.Training with { Epochs = 1 } }).Fit(Corpus.View(ml));
        var before = first.Transform(Corpus.View(ml, 10)).GetColumn<float>("LogLikelihood").ToArray();

        using var second = ml.LanguageModels.Trainers.Pretraining(Options with { LanguageModel = first.LanguageModel }).Fit(Corpus.View(ml));

        Assert.Equal(before, first.Transform(Corpus.View(ml, 10)).GetColumn<float>("LogLikelihood").ToArray());
        Assert.True(second.Transform(Corpus.View(ml, 10)).GetColumn<float>("LogLikelihood").Sum() > before.Sum());
    }

    [Fact]
    public void Predicts_the_same_after_saving_and_loading_under_a_new_context()
    {
        var data = Corpus.View(ml, 12);
        using var model = ml.LanguageModels.Trainers.Pretraining(Options with { Training = Corpus.Training with { Epochs = 1 } }).Fit(Corpus.View(ml));
        using var zip = new MemoryStream();

        ml.Model.Save(model, data.Schema, zip);
        zip.Position = 0;
        var loaded = new MLContext().Model.Load(zip, out _);

        Assert.Equal(
            model.Transform(data).GetColumn<float>("LogLikelihood"),
            loaded.Transform(data).GetColumn<float>("LogLikelihood"));
        (loaded as IDisposable)?.Dispose();
    }

    [Fact]
    public void A_missing_text_column_is_refused_by_name_before_any_work()
    {
        var estimator = ml.LanguageModels.Trainers.Pretraining(Options with { TextColumnName = "Message" });

        Assert.Contains("Message", Assert.ThrowsAny<Exception>(() => estimator.Fit(Corpus.View(ml))).Message);
    }

    [Fact]
    public void A_text_column_of_another_type_is_refused_by_name()
    {
        var estimator = ml.LanguageModels.Trainers.Pretraining(Options with { TextColumnName = "Label" });

        Assert.Contains("Label", Assert.ThrowsAny<Exception>(() => estimator.Fit(Corpus.View(ml))).Message);
    }

    [Fact]
    public void Data_without_text_is_refused()
    {
        var estimator = ml.LanguageModels.Trainers.Pretraining(Options);

        var noRows = Assert.Throws<InvalidOperationException>(() => estimator.Fit(ml.Data.LoadFromEnumerable(new List<Corpus.Message>())));
        var emptyTexts = Assert.Throws<InvalidOperationException>(() => estimator.Fit(ml.Data.LoadFromEnumerable(
            new List<Corpus.Message> { new() { Text = "" }, new() { Text = null } })));

        Assert.Contains("'Text'", noRows.Message);
        Assert.Contains("'Text'", emptyTexts.Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-5)]
    public void A_context_length_below_one_is_refused(int contextLength)
    {
        var error = Assert.ThrowsAny<ArgumentException>(() => ml.LanguageModels.Trainers.Pretraining(
            Options with { Network = Corpus.Network with { ContextLength = contextLength } }));

        Assert.Contains("ContextLength", error.Message);
    }

    [Fact]
    public void A_vocabulary_smaller_than_the_bytes_and_special_tokens_is_refused()
    {
        var error = Assert.ThrowsAny<ArgumentException>(() => ml.LanguageModels.Trainers.Pretraining(
            Options with { BytePairs = new BytePairOptions { VocabularySize = 200 } }));

        Assert.Contains("VocabularySize", error.Message);
        Assert.Contains("200", error.Message);
    }

    [Fact]
    public void A_learning_rate_that_is_not_a_number_is_refused() =>
        Assert.Contains("LearningRate", Assert.Throws<ArgumentOutOfRangeException>(
            () => ml.LanguageModels.Trainers.Pretraining(learningRate: double.NaN)).Message);

    [Fact]
    public void How_the_continuation_is_written_is_checked_when_the_trainer_is_made() =>
        Assert.Contains("GenerationOptions.TopP must be", Assert.ThrowsAny<ArgumentException>(
            () => ml.LanguageModels.Trainers.Pretraining(Options with { Generation = new GenerationOptions { TopP = 2 } })).Message);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Generation_that_does_not_fit_the_model_is_refused_before_the_training_and_not_after_it(bool isOfSamples)
    {
        var generation = new GenerationOptions { StopTokenIds = [100_000] };
        var options = Options with { Training = Corpus.Training with { StopWhen = _ => throw new InvalidOperationException("The training began.") } };
        var estimator = ml.LanguageModels.Trainers.Pretraining(
            isOfSamples ? options with { Samples = new SampleOptions { Generation = generation } } : options with { Generation = generation });

        var error = Assert.ThrowsAny<ArgumentException>(() => estimator.Fit(Corpus.View(ml)));

        Assert.Contains("StopTokenIds", error.Message);
        Assert.Contains("100000", error.Message);
    }

    [Fact]
    public void A_cancelled_training_leaves_a_model_that_loads()
    {
        using var cancellation = new CancellationTokenSource();
        var estimator = ml.LanguageModels.Trainers.Pretraining(Options with
        {
            Training = Corpus.Training with { CancellationToken = cancellation.Token, Progress = new CancelAfter(3, cancellation) },
        });

        var error = Assert.Throws<TrainingCanceledException>(() => estimator.Fit(Corpus.View(ml)));

        using var model = ml.LanguageModels.FromPretrained(error.SavedTo, device: "cpu");
        Assert.Equal(Corpus.Network.Width, model.Config.Width);
        Directory.Delete(error.SavedTo, recursive: true);
    }

    private sealed class CancelAfter(long step, CancellationTokenSource cancellation) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value.Step == step)
            {
                cancellation.Cancel();
            }
        }
    }
}
