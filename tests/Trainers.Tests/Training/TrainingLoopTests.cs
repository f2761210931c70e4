using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace MLNetLlm.Trainers.Tests.Training;

public class TrainingLoopTests
{
    private static readonly TrainingOptions Options = new() { Epochs = 4, LearningRate = 0.1, WarmupRatio = 0, WeightDecay = 0 };

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
            CheckpointDirectory = directory,
            Progress = new CallAtStep(12, cancellation.Cancel),
        };

        var error = Assert.Throws<TrainingCanceledException>(() => Run(objective, options));

        Assert.Equal(directory, error.SavedTo);
        Assert.Contains("step 12", error.Message);
        Assert.Equal(objective.WeightAfterEpoch[0], objective.Saved);
        Directory.Delete(directory);
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

        Run(objective, Options with { CheckpointDirectory = "unused" });

        Assert.Equal(objective.WeightAfterEpoch[1], objective.Saved);
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
