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
        { new() { WarmupRatio = 1.5 }, "WarmupRatio" },
        { new() { WeightDecay = double.NaN }, "WeightDecay" },
        { new() { Beta2 = 1 }, "Beta2" },
        { new() { ClipNorm = 0 }, "ClipNorm" },
        { new() { EarlyStoppingPatience = -1 }, "EarlyStoppingPatience" },
    };

    [Theory]
    [MemberData(nameof(OutOfRange))]
    public void Refuses_a_setting_out_of_range_by_name(TrainingOptions options, string setting)
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(options.Validate);

        Assert.Contains($"{setting} must be", error.Message);
        Assert.Contains("but is", error.Message);
    }

    [Fact]
    public void The_defaults_are_valid() => new TrainingOptions().Validate();
}
