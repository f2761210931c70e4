using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace MLNetLlm.Trainers.Tests.Training;

/// <summary>Runs whose reports or whose directory cannot be written.</summary>
public sealed class UnwritableRunTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();
    private readonly List<string> messages = [];

    private TrainingOptions Options => new()
    {
        Epochs = 4,
        LearningRate = 0.1,
        Checkpoints = new CheckpointOptions { Directory = directory.Path, EverySteps = 3 },
    };

    public void Dispose() => directory.Dispose();

    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(8)]
    public void A_report_that_cannot_be_written_ends_the_run_with_a_checkpoint_of_its_step(long step)
    {
        using var whole = new FakeObjective([4, 1, 3, 2]);
        Run(whole, Options with { Checkpoints = new() });
        using var first = new FakeObjective([4, 1, 3, 2]);

        var error = Assert.Throws<TrainingReportException>(() => Run(first, Options with { Progress = new FullDisk(step) }));

        Assert.Contains($"After step {step}, Progress could not write its report: No space left on device : 'training.jsonl'", error.Message);
        Assert.Equal(directory.File("model"), error.SavedTo);
        using var second = new FakeObjective(new double[] { 4, 1, 3, 2 }.Skip(first.WeightAfterEpoch.Count));
        Run(second, Options);
        Assert.Equal(whole.StepSeeds, first.StepSeeds.Concat(second.StepSeeds));
        Assert.Equal(whole.WeightAfterEpoch, first.WeightAfterEpoch.Concat(second.WeightAfterEpoch));
        Assert.Equal(whole.Weight, second.Weight);
    }

    [Fact]
    public void A_last_report_that_cannot_be_written_costs_no_model()
    {
        using var objective = new FakeObjective();

        Run(objective, Options with { MaximumSteps = 20, Progress = new FullDisk(20) });

        Assert.Equal(20, objective.StepSeeds.Count);
        Assert.Contains(messages, message => message.Contains("No space left on device", StringComparison.Ordinal));
    }

    [Fact]
    public void A_directory_that_cannot_be_used_is_named_with_its_setting()
    {
        var file = directory.File("taken");
        File.WriteAllText(file, "");
        using var objective = new FakeObjective();

        var error = Assert.Throws<IOException>(() => Run(objective, Options with { Checkpoints = new() { Directory = file } }));

        Assert.Contains($"Checkpoints.Directory '{file}' cannot be used", error.Message);
        Assert.Empty(objective.StepSeeds);
    }

    private void Run(FakeObjective objective, TrainingOptions options)
    {
        var context = new MLContext(seed: 1);
        context.Log += (_, message) => messages.Add(message.Message);
        var host = ((IHostEnvironment)context).Register("test");
        using var channel = host.Start("test");
        new TrainingLoop(options, objective, new RunGuard(host, options), channel).Run(seed: 1);
    }

    private sealed class FullDisk(long step) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value.Step >= step)
            {
                throw new IOException("No space left on device : 'training.jsonl'");
            }
        }
    }
}
