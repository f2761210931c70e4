namespace MLNetLlm.Trainers;

/// <summary>The learning rate of each step.</summary>
internal sealed class LearningRateSchedule(TrainingOptions options, long totalSteps)
{
    private readonly ScheduleOptions schedule = options.Schedule;
    private readonly long warmupSteps = options.Schedule.WarmupSteps ?? (long)Math.Ceiling(options.Schedule.WarmupRatio * totalSteps);

    /// <summary>The learning rate of a step, counted from 0.</summary>
    public double At(long step)
    {
        if (step < warmupSteps)
        {
            return options.LearningRate * (step + 1) / warmupSteps;
        }

        var height = schedule.Shape switch
        {
            ScheduleShape.Constant => 1,
            ScheduleShape.Linear => 1 - Progress(step, warmupSteps),
            ScheduleShape.Cosine => 0.5 * (1 + Math.Cos(Math.PI * Progress(step, warmupSteps))),
            ScheduleShape.WarmupStableDecay => 1 - Math.Sqrt(Progress(step, Math.Max(warmupSteps, totalSteps - (long)Math.Ceiling(schedule.DecayRatio * totalSteps)))),
            _ => throw new InvalidOperationException($"No learning rate is defined for the shape {schedule.Shape}."),
        };
        return schedule.Shape == ScheduleShape.Constant
            ? options.LearningRate
            : options.LearningRate * (schedule.FinalRatio + (1 - schedule.FinalRatio) * height);
    }

    private double Progress(long step, long start) => Math.Clamp((step - start) / (double)Math.Max(1, totalSteps - start), 0, 1);
}
