using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace MLNetLlm.Trainers.Tests.Training;

public class TrainingLoopTests
{
    private static readonly TrainingOptions Options = new() { Epochs = 4, LearningRate = 0.1, Schedule = new() { WarmupRatio = 0 }, Optimizer = new() { WeightDecay = 0 } };

    private static TrainingSummary Run(FakeObjective objective, TrainingOptions options)
    {
        var host = ((IHostEnvironment)new MLContext(seed: 1)).Register("test");
        using var channel = host.Start("test");
        return new TrainingLoop(options, objective, new RunGuard(host, options), channel).Run(seed: 1);
    }

    [Fact]
    public void Takes_every_planned_step_and_lowers_the_loss()
    {
        using var objective = new FakeObjective();

        var summary = Run(objective, Options);

        Assert.Equal(20, summary.Steps);
        Assert.Equal(40, summary.Tokens);
        Assert.InRange(objective.Weight, 0.5f, 3.5f);
    }

    [Fact]
    public void Restores_the_weights_of_the_best_epoch()
    {
        using var objective = new FakeObjective([3, 1, 2, 4]);

        var summary = Run(objective, Options);

        Assert.Equal(1, summary.BestValidationLoss);
        Assert.Equal(objective.WeightAfterEpoch[1], objective.Weight);
        Assert.NotEqual(objective.WeightAfterEpoch[3], objective.Weight);
    }

    [Fact]
    public void Stops_early_when_patience_runs_out()
    {
        using var objective = new FakeObjective([1, 2, 3, 4]);

        var summary = Run(objective, Options with { EarlyStoppingPatience = 2 });

        Assert.Equal(15, summary.Steps);
        Assert.Equal(objective.WeightAfterEpoch[0], objective.Weight);
    }

    [Fact]
    public void A_loss_that_is_not_a_number_stops_the_run_names_the_step_and_keeps_the_last_good_weights()
    {
        using var objective = new FakeObjective(lossIsNaNAtStep: 7);

        var error = Assert.Throws<TrainingDivergedException>(() => Run(objective, Options));

        Assert.Equal(7, error.Step);
        Assert.Contains("step 7", error.Message);
        Assert.Contains(error.SavedTo, error.Message);
        Assert.True(float.IsFinite(objective.Weight));
        Assert.Equal(objective.Weight, objective.Saved);
        Directory.Delete(error.SavedTo);
    }

    [Fact]
    public void Cancelling_saves_the_best_model_and_says_where()
    {
        using var cancellation = new CancellationTokenSource();
        using var objective = new FakeObjective([1, 2, 3, 4]);
        var directory = Directory.CreateTempSubdirectory("mlnetllm-tests-").FullName;
        var options = Options with
        {
            CancellationToken = cancellation.Token,
            Checkpoints = new() { Directory = directory },
            Progress = new CallAtStep(12, cancellation.Cancel),
        };

        var error = Assert.Throws<TrainingCanceledException>(() => Run(objective, options));

        Assert.Equal(Path.Combine(directory, "model"), error.SavedTo);
        Assert.Contains("step 12", error.Message);
        Assert.Equal(objective.WeightAfterEpoch[0], objective.Saved);
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public void A_callback_can_end_the_training_and_keep_the_model()
    {
        using var objective = new FakeObjective();

        var summary = Run(objective, Options with { StopWhen = progress => progress.Step >= 8 });

        Assert.Equal(8, summary.Steps);
    }

    [Fact]
    public void Reports_every_step_and_every_validation()
    {
        using var objective = new FakeObjective([4, 3, 2, 1]);
        var progress = new Recorder();

        Run(objective, Options with { Progress = progress });

        Assert.Equal(Enumerable.Range(1, 20), progress.Reports.Where(report => report.ValidationLoss is null).Select(report => (int)report.Step));
        Assert.Equal([4d, 3, 2, 1], progress.Reports.Where(report => report.ValidationLoss is not null).Select(report => report.ValidationLoss!.Value));
        Assert.Equal(TimeSpan.Zero, progress.Reports[^1].Remaining);
        Assert.All(progress.Reports, report => Assert.True(report.TokensPerSecond > 0));
    }

    [Fact]
    public void Saves_the_best_model_so_far_after_each_epoch_that_improves_it()
    {
        using var objective = new FakeObjective([2, 1, 3, 4]);
        using var directory = new TemporaryDirectory();

        Run(objective, Options with { Checkpoints = new() { Directory = directory.Path } });

        Assert.Equal(objective.WeightAfterEpoch[1], objective.Saved);
    }

    [Fact]
    public void Trains_for_a_number_of_steps_over_as_many_epochs_as_that_needs()
    {
        using var objective = new FakeObjective();
        var progress = new Recorder();

        var summary = Run(objective, Options with { Epochs = 1, MaximumSteps = 12, Progress = progress });

        Assert.Equal(12, summary.Steps);
        Assert.All(progress.Reports, report => Assert.Equal((12, 3), (report.TotalSteps, report.Epochs)));
        Assert.Equal(TimeSpan.Zero, progress.Reports[^1].Remaining);
        Assert.Equal(24, progress.Reports[^1].Tokens);
    }

    [Fact]
    public void Validates_every_so_many_steps_and_at_the_end()
    {
        using var objective = new FakeObjective([5, 4, 3, 2, 1]);
        var progress = new Recorder();

        Run(objective, Options with { MaximumSteps = 8, EvaluateEverySteps = 3, Progress = progress });

        Assert.Equal([3L, 6, 8], progress.Reports.Where(report => report.ValidationLoss is not null).Select(report => report.Step));
        Assert.All(progress.Reports, report => Assert.Equal(report.ValidationLoss is not null, report.IsBest));
    }

    [Fact]
    public void The_average_of_the_weights_is_validated_and_returned_and_the_steps_go_on_from_the_raw_ones()
    {
        using var raw = new FakeObjective([4, 3, 2, 1]);
        using var averaged = new FakeObjective([4, 3, 2, 1]);
        var (rawLosses, averagedLosses) = (new Recorder(), new Recorder());

        Run(raw, Options with { Progress = rawLosses });
        Run(averaged, Options with { Progress = averagedLosses, WeightAverageDecay = 0.9 });

        Assert.Equal(rawLosses.Reports.Select(report => report.Loss), averagedLosses.Reports.Select(report => report.Loss));
        Assert.Equal(averaged.WeightAfterEpoch[^1], averaged.Weight);
        Assert.True(averaged.WeightAfterEpoch[0] < raw.WeightAfterEpoch[0], "the average lags behind");
    }

    [Fact]
    public void Without_validation_data_the_average_is_returned_too()
    {
        using var raw = new FakeObjective();
        using var averaged = new FakeObjective();

        Run(raw, Options);
        Run(averaged, Options with { WeightAverageDecay = 0.9 });

        Assert.NotEqual(raw.Weight, averaged.Weight);
    }

    [Fact]
    public void Every_step_has_a_seed_of_its_own()
    {
        using var objective = new FakeObjective();

        Run(objective, Options);

        Assert.Equal(20, objective.StepSeeds.Distinct().Count());
    }

    [Theory]
    [InlineData("[enforce fail at alloc_cpu.cpp:66] . DefaultCPUAllocator: can't allocate memory: you tried to allocate 12 bytes.")]
    [InlineData("CUDA out of memory. Tried to allocate 2.00 GiB")]
    [InlineData("std::bad_alloc")]
    public void Memory_that_runs_out_ends_with_the_model_before_the_step_and_the_setting_to_lower(string message)
    {
        using var objective = new FakeObjective { Failure = (7, new System.Runtime.InteropServices.ExternalException(message)) };

        var error = Assert.Throws<TrainingOutOfMemoryException>(() => Run(objective, Options));

        Assert.Equal(7, error.Step);
        Assert.Contains("MaximumTokensPerForward", error.Message);
        Assert.Contains("1 rows of up to 2 tokens", error.Message);
        Assert.Equal(objective.Weight, objective.Saved);
        Directory.Delete(error.SavedTo);
    }

    private sealed class Recorder : IProgress<TrainingProgress>
    {
        public List<TrainingProgress> Reports { get; } = [];

        public void Report(TrainingProgress value) => Reports.Add(value);
    }

    private sealed class CallAtStep(long step, Action action) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value.Step == step)
            {
                action();
            }
        }
    }
}
