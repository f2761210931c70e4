namespace MLNetLlm.Trainers.Tests.Training;

public class LearningRateScheduleTests
{
    private static readonly TrainingOptions Options = new() { LearningRate = 1, WarmupRatio = 0.1, FinalLearningRateRatio = 0.2 };

    [Fact]
    public void Rises_linearly_during_warm_up_and_reaches_the_peak()
    {
        var schedule = new LearningRateSchedule(Options, totalSteps: 100);

        Assert.Equal(0.1, schedule.At(0), 12);
        Assert.Equal(0.5, schedule.At(4), 12);
        Assert.Equal(1.0, schedule.At(9), 12);
    }

    [Fact]
    public void Follows_a_cosine_from_the_peak_to_the_final_ratio()
    {
        var schedule = new LearningRateSchedule(Options, totalSteps: 100);

        Assert.Equal(1.0, schedule.At(10), 12);
        Assert.Equal(0.6, schedule.At(55), 12);
        Assert.Equal(0.2, schedule.At(100), 12);
    }

    [Fact]
    public void Stays_at_the_final_ratio_beyond_the_planned_steps() =>
        Assert.Equal(0.2, new LearningRateSchedule(Options, totalSteps: 100).At(1_000), 12);

    [Fact]
    public void Without_warm_up_starts_at_the_peak() =>
        Assert.Equal(1.0, new LearningRateSchedule(Options with { WarmupRatio = 0 }, totalSteps: 10).At(0), 12);
}
