namespace MLNetLlm.Trainers.Tests.Training;

public class LearningRateScheduleTests
{
    private static readonly TrainingOptions Options = With(new());

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
    public void Warm_up_can_be_given_in_steps() =>
        Assert.Equal(0.25, new LearningRateSchedule(With(new() { WarmupSteps = 4 }), totalSteps: 100).At(0), 12);

    [Fact]
    public void Linear_goes_down_in_a_straight_line()
    {
        var schedule = new LearningRateSchedule(With(new() { Shape = ScheduleShape.Linear }), totalSteps: 100);

        Assert.Equal([1.0, 0.6, 0.2], new long[] { 10, 55, 100 }.Select(step => Math.Round(schedule.At(step), 12)));
    }

    [Fact]
    public void Constant_stays_at_the_peak()
    {
        var schedule = new LearningRateSchedule(With(new() { Shape = ScheduleShape.Constant }), totalSteps: 100);

        Assert.Equal(0.5, schedule.At(4), 12);
        Assert.All(new long[] { 10, 50, 100, 1_000 }, step => Assert.Equal(1.0, schedule.At(step)));
    }

    [Fact]
    public void Warm_up_stable_decay_goes_down_at_the_end_only()
    {
        var schedule = new LearningRateSchedule(With(new() { Shape = ScheduleShape.WarmupStableDecay, DecayRatio = 0.2 }), totalSteps: 100);

        Assert.All(new long[] { 10, 50, 80 }, step => Assert.Equal(1.0, schedule.At(step), 12));
        Assert.Equal(0.2 + 0.8 * (1 - Math.Sqrt(0.25)), schedule.At(85), 12);
        Assert.Equal(0.2, schedule.At(100), 12);
    }

    [Fact]
    public void Without_warm_up_starts_at_the_peak() =>
        Assert.Equal(1.0, new LearningRateSchedule(With(new() { WarmupRatio = 0 }), totalSteps: 10).At(0), 12);

    private static TrainingOptions With(ScheduleOptions schedule) => new()
    {
        LearningRate = 1,
        Schedule = schedule with { WarmupRatio = Math.Min(schedule.WarmupRatio, 0.1), FinalRatio = 0.2 },
    };
}
