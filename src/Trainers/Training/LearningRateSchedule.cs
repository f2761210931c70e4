namespace MLNetLlm.Trainers;

/// <summary>Linear warm-up to the peak, then a cosine down to a share of it.</summary>
internal sealed class LearningRateSchedule(TrainingOptions options, long totalSteps)
{
    private readonly long warmupSteps = (long)Math.Ceiling(options.WarmupRatio * totalSteps);

    /// <summary>The learning rate of a step, counted from 0.</summary>
    public double At(long step)
    {
        if (step < warmupSteps)
        {
            return options.LearningRate * (step + 1) / warmupSteps;
        }

        var progress = Math.Min(1.0, (step - warmupSteps) / (double)Math.Max(1, totalSteps - warmupSteps));
        var cosine = 0.5 * (1 + Math.Cos(Math.PI * progress));
        return options.LearningRate * (options.FinalLearningRateRatio + (1 - options.FinalLearningRateRatio) * cosine);
    }
}
