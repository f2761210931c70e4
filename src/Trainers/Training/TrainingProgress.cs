namespace MLNetLlm.Trainers;

/// <summary>One line of a training run's story: a step, or, where <see cref="ValidationLoss"/> is set, a validation.</summary>
/// <param name="Stage">What is being trained: for example <c>pretraining</c> or <c>classification</c>.</param>
/// <param name="Epoch">Epoch, from 1.</param>
/// <param name="Epochs">Epochs planned.</param>
/// <param name="Step">Optimizer steps taken.</param>
/// <param name="TotalSteps">Optimizer steps planned.</param>
/// <param name="Loss">Training loss of the step's batch, in nats.</param>
/// <param name="SmoothedLoss">Exponential average of the training loss.</param>
/// <param name="GradientNorm">L2 norm of the gradient before clipping.</param>
/// <param name="LearningRate">Learning rate of the step.</param>
/// <param name="TokensPerSecond">Tokens trained on per second since the run began or was resumed, padding not counted.</param>
/// <param name="Elapsed">Time spent on the run, before it was resumed too.</param>
/// <param name="Remaining">Time left at the present speed.</param>
/// <param name="ValidationLoss">Loss on the validation data, in nats, in the report of a validation.</param>
/// <param name="ValidationAccuracy">Share of validation rows classified correctly, where the stage classifies.</param>
public sealed record TrainingProgress(
    string Stage,
    int Epoch,
    int Epochs,
    long Step,
    long TotalSteps,
    double Loss,
    double SmoothedLoss,
    double GradientNorm,
    double LearningRate,
    double TokensPerSecond,
    TimeSpan Elapsed,
    TimeSpan Remaining,
    double? ValidationLoss = null,
    double? ValidationAccuracy = null)
{
    /// <summary>Tokens trained on, padding not counted.</summary>
    public long Tokens { get; init; }

    /// <summary>Whether this is the report of a validation that found the best weights so far.</summary>
    public bool IsBest { get; init; }
}
