namespace MLNetLlm.Trainers;

/// <summary>Training stopped because the loss or the gradient was no longer a number; the weights before that step are kept.</summary>
public sealed class TrainingDivergedException : InvalidOperationException
{
    internal TrainingDivergedException(long step, double loss, double gradientNorm, double learningRate, string savedTo)
        : base($"Training diverged at step {step}: loss {loss}, gradient norm {gradientNorm}, learning rate {learningRate:g4}. " +
               $"The step was not applied; the last good model was saved to '{savedTo}'. " +
               "Lower LearningRate, raise Schedule.WarmupRatio, or check the data for texts that do not belong.")
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
    internal TrainingCanceledException(long step, string savedTo, bool canResume, CancellationToken token)
        : base($"Training was canceled after step {step}. The best model so far was saved to '{savedTo}'." +
               (canResume ? " The same call goes on from there." : ""), token) =>
        SavedTo = savedTo;

    /// <summary>The directory of the best model so far.</summary>
    public string SavedTo { get; }
}

/// <summary>A step needed more memory than there is; the weights before it are kept.</summary>
public sealed class TrainingOutOfMemoryException : InvalidOperationException
{
    internal TrainingOutOfMemoryException(long step, StepBatch batch, TrainingOptions options, string savedTo, Exception cause)
        : base($"Memory ran out at step {step}, whose batch has {batch.RowCount} rows of up to {batch.LongestRow} tokens in {batch.Parts.Count} parts. " +
               $"The step was not applied; the model before it was saved to '{savedTo}'. Lower MaximumTokensPerForward " +
               $"(now {batch.MaximumTokens}), which leaves the result the same{(options.RecomputesActivations ? "" : ", as setting RecomputesActivations does")}; if a single sequence is too " +
               $"long, shorten sequences or take a smaller network. libtorch said: {cause.Message.Split('\n')[0]}", cause)
    {
        Step = step;
        SavedTo = savedTo;
    }

    /// <summary>The step, counted from 1, that memory did not suffice for.</summary>
    public long Step { get; }

    /// <summary>The directory of the model before the step.</summary>
    public string SavedTo { get; }

    // Neither libtorch nor TorchSharp has a type of exception for it.
    internal static bool IsCausedBy(Exception exception) =>
        exception is OutOfMemoryException
        || new[] { "out of memory", "bad_alloc", "can't allocate memory", "not enough memory", "ALLOC_FAILED" }
            .Any(sign => exception.Message.Contains(sign, StringComparison.OrdinalIgnoreCase));
}

/// <summary>A checkpoint could not be written, for example because the disk is full; the ones before it are intact.</summary>
public sealed class TrainingCheckpointException : IOException
{
    internal TrainingCheckpointException(long step, string target, string? lastCheckpoint, int keepLast, Exception cause)
        : base($"After step {step}, '{target}' could not be written: {cause.Message} " +
               (lastCheckpoint is null ? "There is no earlier checkpoint. " : $"The last checkpoint, '{lastCheckpoint}', is intact; the same call goes on from it. ") +
               $"Make room on that disk, set Checkpoints.Directory to another one, or lower Checkpoints.KeepLast (now {keepLast}).", cause) =>
        LastCheckpoint = lastCheckpoint;

    /// <summary>The newest complete checkpoint; <see langword="null"/> where there is none.</summary>
    public string? LastCheckpoint { get; }
}

/// <summary>What receives the reports of a run (<see cref="TrainingOptions.Progress"/>) could not write them; the run so far is kept.</summary>
public sealed class TrainingReportException : IOException
{
    internal TrainingReportException(long step, string savedTo, bool canResume, Exception cause)
        : base($"After step {step}, Progress could not write its report: {cause.Message} The best model so far was saved to '{savedTo}'." +
               (canResume ? " The same call goes on from there." : "") + " Make room on that disk, or let Progress write to another one.", cause) =>
        SavedTo = savedTo;

    /// <summary>The directory of the best model so far.</summary>
    public string SavedTo { get; }
}

/// <summary>The run on disk is not the one that was asked for, so it cannot be resumed.</summary>
public sealed class ResumeRefusedException : InvalidOperationException
{
    internal ResumeRefusedException(string directory, IReadOnlyList<string> differences)
        : base($"The run in '{directory}' cannot be resumed, because it is another one. {string.Join("; ", differences)}. " +
               "Take these values back, give this run another Checkpoints.Directory, or set Checkpoints.Resume to false, which starts anew and deletes the run there.") =>
        Differences = differences;

    /// <summary>A line for each setting that differs, with both values.</summary>
    public IReadOnlyList<string> Differences { get; }
}
