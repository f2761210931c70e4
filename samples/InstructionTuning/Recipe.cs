using MLNetLlm.Models;
using MLNetLlm.Trainers;

namespace InstructionTuning;

/// <summary>Every setting of the two trainings in one place. They were chosen on validation rows, never on test rows.</summary>
internal sealed record Recipe(PretrainingOptions Pretraining, InstructionTuningOptions Tuning)
{
    public static Recipe Default { get; } = new(
        new PretrainingOptions
        {
            BytePairs = new BytePairOptions { VocabularySize = 1536 },
            Network = GptConfig.Small with { Dropout = 0.1 },
            WindowLength = 64,
            Training = new TrainingOptions { Epochs = 10, BatchSize = 16, LearningRate = 2e-3 },
        },
        new InstructionTuningOptions
        {
            InputColumnName = nameof(InstructionRow.Input),
            Dropout = 0.1,
            Generation = new GenerationOptions { MaximumNewTokens = 64 },
            Training = new TrainingOptions { Epochs = 12, BatchSize = 16, LearningRate = 1e-3 },
        });

    /// <summary>The recipe with a change to how both trainings run.</summary>
    public Recipe WithTraining(Func<TrainingOptions, TrainingOptions> change) => new(
        Pretraining with { Training = change(Pretraining.Training) },
        Tuning with { Training = change(Tuning.Training) });
}
