using MLNetLlm.Models;

namespace MLNetLlm.Trainers;

/// <summary>
/// How a model is trained: the settings that every trainer of this library shares.
/// </summary>
/// <remarks>
/// The optimizer is AdamW (Loshchilov and Hutter 2019, https://arxiv.org/abs/1711.05101) with decoupled weight decay on
/// matrices only; the learning rate rises linearly during warm-up and then follows a cosine to
/// <see cref="FinalLearningRateRatio"/> of its peak (Loshchilov and Hutter 2017, https://arxiv.org/abs/1608.03983).
/// </remarks>
public sealed record TrainingOptions
{
    /// <summary>Passes over the training data; at least 1.</summary>
    public int Epochs { get; init; } = 4;

    /// <summary>Sequences per optimizer step; at least 1. Classification batches hold texts of similar length.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>Peak learning rate; greater than 0.</summary>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>Share of all steps over which the learning rate rises from 0 to its peak; 0 to 1.</summary>
    public double WarmupRatio { get; init; } = 0.1;

    /// <summary>The learning rate of the last step as a share of the peak; 0 to 1.</summary>
    public double FinalLearningRateRatio { get; init; } = 0.05;

    /// <summary>Decoupled weight decay of matrices and embeddings; biases and norms never decay. 0 or more.</summary>
    public double WeightDecay { get; init; } = 0.05;

    /// <summary>Decay rate of AdamW's first moment; 0 to below 1.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Decay rate of AdamW's second moment; 0 to below 1.</summary>
    public double Beta2 { get; init; } = 0.98;

    /// <summary>Gradients are scaled down so that their joint L2 norm is at most this; greater than 0.</summary>
    public double ClipNorm { get; init; } = 1.0;

    /// <summary>Number type of the matrix products; weights are kept in 32 bits always.</summary>
    public Precision Precision { get; init; } = Precision.Auto;

    /// <summary><c>auto</c> (a GPU if there is one), <c>cpu</c>, <c>cuda</c> or <c>cuda:1</c>.</summary>
    public string Device { get; init; } = "auto";

    /// <summary>Seed of everything random in the run; <see langword="null"/> derives it from the <c>MLContext</c>'s seed.</summary>
    public int? Seed { get; init; }

    /// <summary>
    /// Stops after this many epochs without a better validation loss; 0 trains all epochs. With validation data the best
    /// epoch's weights are restored at the end either way.
    /// </summary>
    public int EarlyStoppingPatience { get; init; }

    /// <summary>
    /// Where the best model so far is written after each epoch that improves it, so that an interrupted run loses nothing;
    /// <see langword="null"/> writes only when a run is interrupted, into a new folder below the temporary folder.
    /// </summary>
    public string? CheckpointDirectory { get; init; }

    /// <summary>Receives a report after every optimizer step and every validation, on the training thread.</summary>
    public IProgress<TrainingProgress>? Progress { get; init; }

    /// <summary>Asked after every step; <see langword="true"/> ends the training and keeps the best model so far.</summary>
    public Func<TrainingProgress, bool>? StopWhen { get; init; }

    /// <summary>Cancels the training: the best model so far is written to disk and the call throws.</summary>
    public CancellationToken CancellationToken { get; init; }

    /// <summary>Checks every setting.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of its range; the message names it.</exception>
    public void Validate()
    {
        Setting.AtLeast(1, Epochs, nameof(Epochs));
        Setting.AtLeast(1, BatchSize, nameof(BatchSize));
        Setting.Positive(LearningRate, nameof(LearningRate));
        Setting.Between(0, 1, WarmupRatio, nameof(WarmupRatio));
        Setting.Between(0, 1, FinalLearningRateRatio, nameof(FinalLearningRateRatio));
        Setting.Between(0, 10, WeightDecay, nameof(WeightDecay));
        Setting.Between(0, 0.99999, Beta1, nameof(Beta1));
        Setting.Between(0, 0.99999, Beta2, nameof(Beta2));
        Setting.Positive(ClipNorm, nameof(ClipNorm));
        Setting.AtLeast(0, EarlyStoppingPatience, nameof(EarlyStoppingPatience));
    }
}
