using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetLlm.Models;

namespace MLNetLlm.Trainers.Tests.Training;

/// <summary>Runs of the real trainers that are interrupted in the middle of an epoch and taken up by the same call.</summary>
public sealed class TrainerResumeTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();

    private CheckpointOptions Kept => new() { Directory = directory.Path, EverySteps = 4 };

    private static TextClassificationOptions Classification => new()
    {
        Network = Corpus.Network with { Dropout = 0.1 },
        BytePairs = Corpus.BytePairs,
        SubwordDropout = 0.1,
        LanguageModelLossWeight = 0.3,
        ClassWeights = ClassWeights.Balanced,
        Training = Corpus.Training with { Epochs = 2, MaximumTokensPerForward = 200 },
    };

    private static PretrainingOptions Pretraining => new()
    {
        Network = Corpus.Network,
        BytePairs = Corpus.BytePairs,
        Training = Corpus.Training with { Epochs = 1 },
    };

    public void Dispose() => directory.Dispose();

    [Fact]
    public void A_classifier_is_the_same_as_without_the_interruption()
    {
        var expected = Scores(Classification);
        using var cancellation = new CancellationTokenSource();
        var interrupted = Classification with
        {
            Training = Classification.Training with
            {
                Checkpoints = Kept,
                CancellationToken = cancellation.Token,
                StopWhen = progress => CancelAt(6, progress, cancellation),
            },
        };

        var error = Assert.Throws<TrainingCanceledException>(() => Scores(interrupted));

        Assert.Contains("goes on from there", error.Message);
        using (var soFar = TextClassificationModel.Load(error.SavedTo, device: "cpu"))
        {
            Assert.Equal(2, soFar.Labels.Count);
        }

        Assert.Equal(expected, Scores(Classification with { Training = Classification.Training with { Checkpoints = Kept } }));
    }

    [Fact]
    public void Canceling_the_context_keeps_the_model_and_the_run()
    {
        var context = new MLContext(seed: 1);
        var options = Pretraining with
        {
            Training = Pretraining.Training with
            {
                Checkpoints = Kept,
                StopWhen = progress =>
                {
                    if (progress.Step == 3)
                    {
                        // It is not public in ML.NET 5.0.
                        typeof(MLContext).GetMethod("CancelExecution", System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.NonPublic)!
                            .Invoke(context, null);
                    }

                    return false;
                },
            },
        };

        var error = Assert.Throws<TrainingCanceledException>(() => context.LanguageModels.Trainers.Pretraining(options).Fit(Corpus.View(context)));

        using var model = LanguageModel.Load(error.SavedTo, device: "cpu");
        Assert.True(Directory.Exists(directory.File("step-0000000003")));
    }

    [Fact]
    public void Another_tokenizer_other_data_and_another_trainer_are_refused_by_name()
    {
        var ml = new MLContext(seed: 1);
        var options = Pretraining with { Training = Pretraining.Training with { Checkpoints = Kept } };
        ml.LanguageModels.Trainers.Pretraining(options).Fit(Corpus.View(ml)).Dispose();

        var tokenizer = Refused(() => ml.LanguageModels.Trainers.Pretraining(options with { BytePairs = new() { VocabularySize = 300 } }).Fit(Corpus.View(ml)));
        var data = Refused(() => ml.LanguageModels.Trainers.Pretraining(options).Fit(Corpus.View(ml, 200)));
        var trainer = Refused(() => ml.BinaryClassification.Trainers.TextClassification(
            Classification with { Training = options.Training }).Fit(Corpus.View(ml)));

        Assert.Contains(tokenizer, line => line.StartsWith("tokenizer: 320 entries", StringComparison.Ordinal));
        Assert.Contains("BytePairs.VocabularySize: 320 in the run on disk, 300 now", tokenizer);
        Assert.Contains(data, line => line.StartsWith("training data: ", StringComparison.Ordinal));
        Assert.Contains("stage: pretraining in the run on disk, classification now", trainer);
    }

    [Fact]
    public void A_model_to_start_from_with_other_weights_is_refused_by_name()
    {
        var ml = new MLContext(seed: 1);
        using var one = ml.LanguageModels.Trainers.Pretraining(Pretraining).Fit(Corpus.View(ml));
        using var other = ml.LanguageModels.Trainers.Pretraining(Pretraining with { Training = Pretraining.Training with { LearningRate = 1e-4 } }).Fit(Corpus.View(ml));
        var options = Classification with { Training = Classification.Training with { Checkpoints = Kept, MaximumSteps = 2 } };
        ml.BinaryClassification.Trainers.TextClassification(options with { LanguageModel = one.LanguageModel }).Fit(Corpus.View(ml)).Dispose();

        var differences = Refused(() => ml.BinaryClassification.Trainers.TextClassification(options with { LanguageModel = other.LanguageModel }).Fit(Corpus.View(ml)));

        Assert.StartsWith("weights before the first step", Assert.Single(differences), StringComparison.Ordinal);
    }

    private static IReadOnlyList<string> Refused(Action fit) => Assert.Throws<ResumeRefusedException>(fit).Differences;

    private static bool CancelAt(long step, TrainingProgress progress, CancellationTokenSource cancellation)
    {
        if (progress.Step == step)
        {
            cancellation.Cancel();
        }

        return false;
    }

    private static float[] Scores(TextClassificationOptions options)
    {
        var context = new MLContext(seed: 3);
        using var model = context.BinaryClassification.Trainers.TextClassification(options).Fit(Corpus.View(context));
        return model.Transform(Corpus.View(context, 30)).GetColumn<float>("Score").ToArray();
    }
}
