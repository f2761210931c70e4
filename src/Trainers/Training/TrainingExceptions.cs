namespace MLNetLlm.Trainers;

/// <summary>Training stopped because the loss or the gradient was no longer a number; the weights before that step are kept.</summary>
public sealed class TrainingDivergedException : InvalidOperationException
{
    internal TrainingDivergedException(long step, double loss, double gradientNorm, double learningRate, string savedTo)
        : base($"Training diverged at step {step}: loss {loss}, gradient norm {gradientNorm}, learning rate {learningRate:g4}. " +
               $"The step was not applied; the last good model was saved to '{savedTo}'. " +
               "Lower LearningRate, raise WarmupRatio, or check the data for texts that do not belong.")
    {
        Step = step;
        SavedTo = savedTo;
    }

    /// <summary>The step, counted from 1, whose loss or gradient was not finite.</summary>
    public long Step { get; }

    /// <summary>The directory of the last good model.</summary>
    public string SavedTo { get; }
}

/// <summary>Training was cancelled; the best model so far is on disk.</summary>
public sealed class TrainingCanceledException : OperationCanceledException
{
    internal TrainingCanceledException(long step, string savedTo, CancellationToken token)
        : base($"Training was canceled after step {step}. The best model so far was saved to '{savedTo}'.", token) =>
        SavedTo = savedTo;

    /// <summary>The directory of the best model so far.</summary>
    public string SavedTo { get; }
}
