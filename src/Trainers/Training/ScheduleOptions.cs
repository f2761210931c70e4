namespace MLNetLlm.Trainers;

/// <summary>How the learning rate goes on after warm-up.</summary>
public enum ScheduleShape
{
    /// <summary>A half cosine down to the final ratio (Loshchilov and Hutter 2017, https://arxiv.org/abs/1608.03983).</summary>
    Cosine,

    /// <summary>A straight line down to the final ratio.</summary>
    Linear,

    /// <summary>
    /// The peak until the last part of the run, then down as 1 - sqrt (Hu et al. 2024, https://arxiv.org/abs/2404.06395; Hägele
    /// et al. 2024, https://arxiv.org/abs/2405.18392).
    /// </summary>
    WarmupStableDecay,

    /// <summary>The peak to the end.</summary>
    Constant,
}

/// <summary>The course of the learning rate: it rises linearly to <see cref="TrainingOptions.LearningRate"/> and then follows a shape.</summary>
public sealed record ScheduleOptions
{
    /// <summary>What follows warm-up.</summary>
    public ScheduleShape Shape { get; init; } = ScheduleShape.Cosine;

    /// <summary>Share of all steps over which the learning rate rises from 0 to its peak; 0 to 1.</summary>
    public double WarmupRatio { get; init; } = 0.1;

    /// <summary>Steps of warm-up in place of <see cref="WarmupRatio"/>; 0 or more.</summary>
    public int? WarmupSteps { get; init; }

    /// <summary>The learning rate of the last step as a share of the peak; 0 to 1. <see cref="ScheduleShape.Constant"/> has no use for it.</summary>
    public double FinalRatio { get; init; } = 0.05;

    /// <summary>Share of all steps over which <see cref="ScheduleShape.WarmupStableDecay"/> goes down, at the end; 0 to 1.</summary>
    public double DecayRatio { get; init; } = 0.2;

    internal void Validate()
    {
        const string group = nameof(TrainingOptions.Schedule);
        Setting.Defined(Shape, $"{group}.{nameof(Shape)}");
        Setting.Between(0, 1, WarmupRatio, $"{group}.{nameof(WarmupRatio)}");
        Setting.AtLeast(0, WarmupSteps ?? 0, $"{group}.{nameof(WarmupSteps)}");
        Setting.Between(0, 1, FinalRatio, $"{group}.{nameof(FinalRatio)}");
        Setting.Between(0, 1, DecayRatio, $"{group}.{nameof(DecayRatio)}");
    }
}
