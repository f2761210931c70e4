namespace MLNetLlm.Trainers;

/// <summary>One line of a training run's story: a step, or, where <see cref="ValidationLoss"/> is set, the end of an epoch.</summary>
/// <param name="Stage">What is being trained: <c>pretraining</c> or <c>classification</c>.</param>
/// <param name="Epoch">Epoch, from 1.</param>
/// <param name="Epochs">Epochs planned.</param>
/// <param name="Step">Optimizer steps taken.</param>
/// <param name="TotalSteps">Optimizer steps planned.</param>
/// <param name="Loss">Training loss of the step's batch, in nats.</param>
/// <param name="SmoothedLoss">Exponential average of the training loss.</param>
/// <param name="GradientNorm">L2 norm of the gradient before clipping.</param>
/// <param name="LearningRate">Learning rate of the step.</param>
/// <param name="TokensPerSecond">Tokens trained on per second since the run began, padding not counted.</param>
/// <param name="Elapsed">Time since the run began.</param>
/// <param name="Remaining">Time left at the present speed.</param>
/// <param name="ValidationLoss">Loss on the validation data, in nats, at the end of an epoch.</param>
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
    double? ValidationAccuracy = null);
