using MLNetLlm.Models;

namespace MLNetLlm.Trainers;

/// <summary>How a model is trained: the settings that every trainer of this library shares.</summary>
public sealed record TrainingOptions
{
    /// <summary>Passes over the training data; at least 1.</summary>
    public int Epochs { get; init; } = 4;

    /// <summary>Optimizer steps to take in place of <see cref="Epochs"/>, over as many passes as that needs; at least 1.</summary>
    public long? MaximumSteps { get; init; }

    /// <summary>Sequences per optimizer step; at least 1. Classification batches hold texts of similar length.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>
    /// Most tokens, padding counted, that go through the network at once; <see langword="null"/> is 1,024 on a processor, 512 for a
    /// network of which 1,024 would take more than 64 MB and more than training its weights does, and 16,384 on a GPU. The batch of
    /// a step that has more is cut into parts whose gradients are added up (gradient accumulation): memory is bounded, and the step
    /// is that of the whole batch. At least 1; a single sequence is never cut.
    /// </summary>
    [MayDifferOnResume]
    public int? MaximumTokensPerForward { get; init; }

    /// <summary>
    /// Keeps of a forward pass only what goes into each block and computes the rest again for the gradient (Chen et al. 2016,
    /// https://arxiv.org/abs/1604.06174): the memory of one block in place of all, for about a third more work.
    /// The result stays the same but for rounding.
    /// </summary>
    [MayDifferOnResume]
    public bool RecomputesActivations { get; init; }

    /// <summary>Peak learning rate; greater than 0.</summary>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>The course of the learning rate.</summary>
    public ScheduleOptions Schedule { get; init; } = new();

    /// <summary>Weight decay, moments and clipping.</summary>
    public OptimizerOptions Optimizer { get; init; } = new();

    /// <summary>
    /// Keeps an exponential average of the weights, which is evaluated, saved and returned in their place (Polyak averaging): its
    /// decay each step, 0 to below 1, lower during the first steps. Try 0.999. <see langword="null"/> keeps none.
    /// </summary>
    public double? WeightAverageDecay { get; init; }

    /// <summary>Steps between two validations, 0 or more; 0 validates at the end of each epoch.</summary>
    public int EvaluateEverySteps { get; init; }

    /// <summary>
    /// Stops after this many validations without a better loss, 0 or more; 0 trains to the end. With validation data the best weights
    /// are restored at the end either way.
    /// </summary>
    public int EarlyStoppingPatience { get; init; }

    /// <summary>How the run is kept on disk.</summary>
    public CheckpointOptions Checkpoints { get; init; } = new();

    /// <summary>
    /// Number type of the matrix products of a network that is made or loaded for the training; weights are kept in 32 bits always.
    /// The copy of a <c>LanguageModel</c> has that model's.
    /// </summary>
    public Precision Precision { get; init; } = Precision.Auto;

    /// <summary>
    /// Where a network is made or loaded for the training: <c>auto</c> (a GPU if there is one), <c>cpu</c>, <c>cuda</c> or
    /// <c>cuda:1</c>. The copy of a <c>LanguageModel</c> is where that model is.
    /// </summary>
    [MayDifferOnResume]
    public string Device { get; init; } = "auto";

    /// <summary>
    /// Seed of everything random in the run; <see langword="null"/> derives it from the <c>MLContext</c>'s seed, or takes that of
    /// the run that is resumed.
    /// </summary>
    [MayDifferOnResume]
    public int? Seed { get; init; }

    /// <summary>Receives a report after every optimizer step and every validation, on the training thread.</summary>
    public IProgress<TrainingProgress>? Progress { get; init; }

    /// <summary>Asked after every step; <see langword="true"/> ends the training, and <c>Fit</c> returns the best model so far.</summary>
    public Func<TrainingProgress, bool>? StopWhen { get; init; }

    /// <summary>
    /// Cancels the training, as <c>MLContext.CancelExecution</c> does: the best model so far is written to disk and <c>Fit</c>
    /// throws a <see cref="TrainingCanceledException"/>, which says where.
    /// </summary>
    public CancellationToken CancellationToken { get; init; }

    /// <summary>Checks every setting.</summary>
    /// <exception cref="ArgumentException">A setting is out of its range, or this machine has no such device; the message names it.</exception>
    public void Validate()
    {
        Setting.AtLeast(1, Epochs, nameof(Epochs));
        Setting.AtLeast(1, MaximumSteps ?? 1, nameof(MaximumSteps));
        Setting.AtLeast(1, BatchSize, nameof(BatchSize));
        Setting.AtLeast(1, MaximumTokensPerForward ?? 1, nameof(MaximumTokensPerForward));
        Setting.Positive(LearningRate, nameof(LearningRate));
        Schedule.Validate();
        Optimizer.Validate();
        Setting.Between(0, 0.999999, WeightAverageDecay ?? 0, nameof(WeightAverageDecay));
        Setting.AtLeast(0, EvaluateEverySteps, nameof(EvaluateEverySteps));
        Setting.AtLeast(0, EarlyStoppingPatience, nameof(EarlyStoppingPatience));
        Checkpoints.Validate();
        Setting.Defined(Precision, nameof(Precision));
        _ = ComputeDevice.Select(Device);
    }
}
