using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace MLNetLlm.Trainers.Tests.Training;

public sealed class CheckpointTimesTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public void Checkpoints_are_written_whenever_so_much_time_has_passed()
    {
        // The shortest time that there is has passed after each step.
        Assert.Equal(["step-0000000001", "step-0000000002", "step-0000000003-finished"], Checkpoints(TimeSpan.FromTicks(1), steps: 3));
    }

    [Fact]
    public void Before_that_time_only_the_end_of_the_run_is_written() =>
        Assert.Equal(["step-0000000003-finished"], Checkpoints(TimeSpan.FromHours(1), steps: 3));

    [Fact]
    public void Without_a_clock_and_a_count_only_the_end_of_the_run_is_written() =>
        Assert.Equal(["step-0000000003-finished"], Checkpoints(every: null, steps: 3));

    private IEnumerable<string> Checkpoints(TimeSpan? every, int steps)
    {
        using var objective = new FakeObjective();
        var options = new TrainingOptions
        {
            MaximumSteps = steps,
            Checkpoints = new CheckpointOptions { Directory = directory.Path, Every = every, KeepLast = 10 },
        };
        var host = ((IHostEnvironment)new MLContext(seed: 1)).Register("test");
        using var channel = host.Start("test");
        new TrainingLoop(options, objective, new RunGuard(host, options), channel).Run(seed: 1);
        return Directory.GetDirectories(directory.Path, "step-*").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal);
    }
}
