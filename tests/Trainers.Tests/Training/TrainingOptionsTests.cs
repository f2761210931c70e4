using MLNetLlm.Models;

namespace MLNetLlm.Trainers.Tests.Training;

public class TrainingOptionsTests
{
    public static TheoryData<TrainingOptions, string> OutOfRange => new()
    {
        { new() { LearningRate = double.NaN }, "LearningRate" },
        { new() { LearningRate = 0 }, "LearningRate" },
        { new() { LearningRate = double.PositiveInfinity }, "LearningRate" },
        { new() { Epochs = 0 }, "Epochs" },
        { new() { BatchSize = -1 }, "BatchSize" },
        { new() { Schedule = new() { WarmupRatio = 1.5 } }, "Schedule.WarmupRatio" },
        { new() { Schedule = new() { Shape = (ScheduleShape)9 } }, "Schedule.Shape" },
        { new() { MaximumSteps = 0 }, "MaximumSteps" },
        { new() { MaximumTokensPerForward = 0 }, "MaximumTokensPerForward" },
        { new() { WeightAverageDecay = 1 }, "WeightAverageDecay" },
        { new() { EvaluateEverySteps = -1 }, "EvaluateEverySteps" },
        { new() { Checkpoints = new() { KeepLast = 0 } }, "Checkpoints.KeepLast" },
        { new() { Checkpoints = new() { Every = TimeSpan.Zero } }, "Checkpoints.Every" },
        { new() { Optimizer = new() { WeightDecay = double.NaN } }, "Optimizer.WeightDecay" },
        { new() { Optimizer = new() { Beta2 = 1 } }, "Optimizer.Beta2" },
        { new() { Optimizer = new() { ClipNorm = 0 } }, "Optimizer.ClipNorm" },
        { new() { EarlyStoppingPatience = -1 }, "EarlyStoppingPatience" },
        { new() { Precision = (Precision)7 }, "Precision" },
    };

    [Theory]
    [MemberData(nameof(OutOfRange))]
    public void Refuses_a_setting_out_of_range_by_name(TrainingOptions options, string setting)
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(options.Validate);

        Assert.Contains($"{setting} must be", error.Message);
        Assert.Contains("but is", error.Message);
    }

    [Theory]
    [InlineData("gpu")]
    [InlineData("cuda:99")]
    public void Refuses_a_device_that_is_not_there(string device) =>
        Assert.Contains($"'{device}'", Assert.Throws<ArgumentException>(new TrainingOptions { Device = device }.Validate).Message);

    [Fact]
    public void The_defaults_are_valid() => new TrainingOptions().Validate();
}
