using MLNetLlm.Models;
using MLNetLlm.Trainers;

namespace SpamFilter;

/// <summary>Every setting of the two trainings in one place. They were tuned on validation messages, never on test messages.</summary>
internal sealed record Recipe(PretrainingOptions Pretraining, TextClassificationOptions FineTuning)
{
    // With fewer the head has learned no more than that most messages are no spam.
    private const int LeastSteps = 100;

    public static Recipe For(SplitKind split) => split == SplitKind.All ? All : Balanced;

    /// <summary>For thousands of labelled messages.</summary>
    public static Recipe All { get; } = new(
        new PretrainingOptions
        {
            BytePairs = new BytePairOptions { VocabularySize = 1024 },
            Network = GptConfig.Mini with { LayerCount = 2, Dropout = 0.05 },
            WindowLength = 64,
            Training = new TrainingOptions { Epochs = 8, BatchSize = 16, LearningRate = 2.5e-3 },
        },
        new TextClassificationOptions
        {
            Pooling = Pooling.LastTokenAndMean,
            Dropout = 0.15,
            SubwordDropout = 0.1,
            LabelSmoothing = 0.05,
            LanguageModelLossWeight = 0.3,
            Training = new TrainingOptions { Epochs = 5, BatchSize = 32, LearningRate = 1e-3 },
        });

    /// <summary>For about a thousand labelled messages and several times as many without a label.</summary>
    public static Recipe Balanced { get; } = All with
    {
        FineTuning = All.FineTuning with { Training = All.FineTuning.Training with { Epochs = 10 } },
    };

    /// <summary>The recipe with as many more epochs as few messages need.</summary>
    public Recipe ForMessages(int count)
    {
        var training = FineTuning.Training;
        var stepsPerEpoch = (count + training.BatchSize - 1) / training.BatchSize;
        var epochs = Math.Max(training.Epochs, (LeastSteps + stepsPerEpoch - 1) / stepsPerEpoch);
        return this with { FineTuning = FineTuning with { Training = training with { Epochs = epochs } } };
    }

    /// <summary>The recipe with a change to how both trainings run.</summary>
    public Recipe WithTraining(Func<TrainingOptions, TrainingOptions> change) => new(
        Pretraining with { Training = change(Pretraining.Training) },
        FineTuning with { Training = change(FineTuning.Training) });
}
