using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNetLlm.Models;

namespace MLNetLlm.Trainers.Tests.Training;

public sealed class ResumeTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();
    private readonly List<string> messages = [];

    private TrainingOptions Options => new()
    {
        Epochs = 4,
        LearningRate = 0.1,
        WeightAverageDecay = 0.8,
        Checkpoints = new CheckpointOptions { Directory = directory.Path, EverySteps = 3 },
    };

    private IReadOnlyList<string> Checkpoints =>
        Directory.GetDirectories(directory.Path, "step-*").Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal).ToList();

    public void Dispose() => directory.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(8)]
    [InlineData(19)]
    public void A_run_that_was_canceled_and_resumed_ends_like_one_that_never_was(long step)
    {
        using var whole = new FakeObjective([4, 1, 3, 2]);
        var expected = Run(whole, Options with { Checkpoints = new() });
        using var first = new FakeObjective([4, 1, 3, 2]);
        Assert.Throws<TrainingCanceledException>(() => Run(first, CanceledAt(step)));

        using var second = new FakeObjective(new double[] { 4, 1, 3, 2 }.Skip(first.WeightAfterEpoch.Count));
        var actual = Run(second, Options);

        Assert.Equal((expected.Steps, expected.Tokens, expected.BestValidationLoss), (actual.Steps, actual.Tokens, actual.BestValidationLoss));
        Assert.Equal(whole.Weight, second.Weight);
        Assert.Equal(whole.StepSeeds, first.StepSeeds.Concat(second.StepSeeds));
        Assert.Equal(whole.WeightAfterEpoch, first.WeightAfterEpoch.Concat(second.WeightAfterEpoch));
    }

    [Fact]
    public void A_run_that_died_between_checkpoints_takes_the_steps_after_the_last_one_again()
    {
        using var whole = new FakeObjective([4, 3, 2, 1]);
        Run(whole, Options with { Checkpoints = new() });
        using var first = new FakeObjective([4, 3, 2, 1]) { Failure = (12, new InvalidOperationException("died")) };
        Assert.Throws<InvalidOperationException>(() => Run(first, Options));

        using var second = new FakeObjective([3, 2, 1]);
        Run(second, Options);

        Assert.Equal(whole.StepSeeds[9..], second.StepSeeds);
        Assert.Equal(whole.Weight, second.Weight);
    }

    [Fact]
    public void A_finished_run_returns_its_model_at_once()
    {
        using var first = new FakeObjective([4, 1, 3, 2]);
        Run(first, Options);
        using var second = new FakeObjective();

        var summary = Run(second, Options);

        Assert.Empty(second.StepSeeds);
        Assert.Equal(20, summary.Steps);
        Assert.Equal(1, summary.BestValidationLoss);
        Assert.Equal(first.Weight, second.Weight);
    }

    [Fact]
    public void A_run_that_a_callback_ended_goes_on_when_it_is_called_without()
    {
        using var whole = new FakeObjective();
        Run(whole, Options with { Checkpoints = new() });
        using var first = new FakeObjective();
        var stopped = Run(first, Options with { StopWhen = progress => progress.Step == 7 });

        using var second = new FakeObjective();
        Run(second, Options);

        Assert.Equal(7, stopped.Steps);
        Assert.Equal(13, second.StepSeeds.Count);
        Assert.Equal(whole.Weight, second.Weight);
    }

    [Fact]
    public void Other_settings_and_other_data_are_refused_with_both_values()
    {
        using var first = new FakeObjective();
        Run(first, Options);
        using var second = new FakeObjective { Data = "six batches" };

        var error = Assert.Throws<ResumeRefusedException>(() => Run(second, Options with { LearningRate = 0.2, Schedule = new() { WarmupSteps = 5 } }, seed: 2));

        Assert.Equal(
            [
                "LearningRate: 0.1 in the run on disk, 0.2 now",
                "Schedule.WarmupSteps: none in the run on disk, 5 now",
                "data: five batches in the run on disk, six batches now",
                "seed: 1 in the run on disk, 2 now",
            ],
            error.Differences);
        Assert.All(error.Differences, difference => Assert.Contains(difference, error.Message));
        Assert.Contains("Checkpoints.Resume", error.Message);
        Assert.Empty(second.StepSeeds);
    }

    [Fact]
    public void Settings_that_do_not_change_the_result_may_differ()
    {
        using var first = new FakeObjective();
        Assert.Throws<TrainingCanceledException>(() => Run(first, CanceledAt(8)));
        using var second = new FakeObjective();

        var summary = Run(second, Options with
        {
            MaximumTokensPerForward = 17,
            Device = "cpu",
            Progress = new Progress<TrainingProgress>(),
            Checkpoints = new() { Directory = directory.Path, EverySteps = 1, KeepLast = 5, Every = TimeSpan.FromHours(1) },
        });

        Assert.Equal(20, summary.Steps);
        Assert.Equal(12, second.StepSeeds.Count);
    }

    [Fact]
    public void Without_resume_the_run_starts_anew()
    {
        using var first = new FakeObjective();
        Run(first, Options);
        using var second = new FakeObjective();

        Run(second, Options with { LearningRate = 0.2, Checkpoints = Options.Checkpoints with { Resume = false } });

        Assert.Equal(20, second.StepSeeds.Count);
    }

    [Fact]
    public void The_last_checkpoints_are_kept_and_the_best_weights_among_them()
    {
        using var objective = new FakeObjective([4, 1, 3, 2]);

        Run(objective, Options);

        Assert.Equal(["step-0000000018", "step-0000000020-finished"], Checkpoints);
        Assert.Equal("best-0000000010.safetensors", Path.GetFileName(Assert.Single(Directory.GetFiles(directory.Path, "best-*"))));
        Assert.Empty(Directory.GetDirectories(directory.Path, ".writing-*"));
    }

    [Fact]
    public void A_damaged_checkpoint_is_passed_over_for_the_one_before()
    {
        using var whole = new FakeObjective();
        Run(whole, Options with { Checkpoints = new() });
        using var first = new FakeObjective();
        Assert.Throws<TrainingCanceledException>(() => Run(first, CanceledAt(8)));
        var weights = directory.File("step-0000000008/weights.safetensors");
        File.WriteAllBytes(weights, File.ReadAllBytes(weights)[..^10]);

        using var second = new FakeObjective();
        Run(second, Options);

        Assert.Equal(14, second.StepSeeds.Count);
        Assert.Equal(whole.Weight, second.Weight);
        Assert.Contains(messages, message => message.Contains("step-0000000008", StringComparison.Ordinal));
    }

    [Fact]
    public void Damage_to_every_checkpoint_is_an_error_and_no_silent_new_start()
    {
        using var first = new FakeObjective();
        Assert.Throws<TrainingCanceledException>(() => Run(first, CanceledAt(2)));
        File.WriteAllText(directory.File("step-0000000002/state.json"), "{");
        using var second = new FakeObjective();

        var error = Assert.Throws<InvalidDataException>(() => Run(second, Options));

        Assert.Contains("Checkpoints.Resume", error.Message);
        Assert.Empty(second.StepSeeds);
    }

    [Fact]
    public void A_full_disk_ends_the_run_with_the_last_checkpoint_intact()
    {
        using var whole = new FakeObjective();
        Run(whole, Options with { Checkpoints = new() });
        using var first = new FakeObjective();
        // Two files a checkpoint: that of step 9 breaks off in its second.
        var files = 0;
        var full = Options with { Checkpoints = Options.Checkpoints with { OpenStore = path => new FullDiskStore(path, () => ++files < 6) } };

        var error = Assert.Throws<TrainingCheckpointException>(() => Run(first, full));

        Assert.Contains("No space left on device", error.Message);
        Assert.Contains("Checkpoints.Directory", error.Message);
        Assert.Equal("step-0000000006", Path.GetFileName(error.LastCheckpoint));
        Assert.Equal(["step-0000000003", "step-0000000006"], Checkpoints);
        Assert.Empty(Directory.GetDirectories(directory.Path, ".writing-*"));
        using var second = new FakeObjective();
        Run(second, Options);
        Assert.Equal(whole.Weight, second.Weight);
    }

    [Fact]
    public void A_loss_that_is_not_a_number_leaves_the_last_checkpoint_as_it_was()
    {
        using var first = new FakeObjective(lossIsNaNAtStep: 8);
        var error = Assert.Throws<TrainingDivergedException>(() => Run(first, Options));
        using var second = new FakeObjective();
        Run(second, Options);

        Assert.Equal(directory.File("model"), error.SavedTo);
        Assert.Equal(14, second.StepSeeds.Count);
    }

    [Fact]
    public void Two_runs_cannot_share_a_directory()
    {
        using var outer = new FakeObjective();
        using var inner = new FakeObjective();
        Exception? refused = null;

        Run(outer, Options with { StopWhen = _ => (refused = Record.Exception(() => Run(inner, Options))) is not null });

        Assert.Contains(directory.Path, Assert.IsType<InvalidOperationException>(refused).Message);
        Assert.Empty(inner.StepSeeds);
    }

    [Fact]
    public void A_run_without_a_seed_takes_that_of_the_run_on_disk()
    {
        using var first = new FakeObjective();
        Assert.Throws<TrainingCanceledException>(() => Run(first, CanceledAt(2), seed: 1234));

        var host = ((IHostEnvironment)new MLContext()).Register("test");

        Assert.Equal(1234, TrainingLoop.ChooseSeed(Options, host));
        Assert.Equal(7, TrainingLoop.ChooseSeed(Options with { Seed = 7 }, host));
    }

    [Fact]
    public void The_seed_is_that_of_the_newest_checkpoint_that_can_be_read()
    {
        using var first = new FakeObjective();
        Assert.Throws<TrainingCanceledException>(() => Run(first, CanceledAt(8), seed: 1234));
        File.WriteAllText(directory.File("step-0000000008/state.json"), "");

        Assert.Equal(1234, TrainingLoop.ChooseSeed(Options, ((IHostEnvironment)new MLContext()).Register("test")));
    }

    [Fact]
    public void Damage_to_an_older_checkpoint_does_not_end_the_run()
    {
        var keepsMore = Options with { Checkpoints = Options.Checkpoints with { KeepLast = 4 } };
        using var first = new FakeObjective();
        Assert.Throws<TrainingCanceledException>(() => Run(first, CanceledAt(8) with { Checkpoints = keepsMore.Checkpoints }));
        File.WriteAllText(directory.File("step-0000000003/state.json"), "");

        using var second = new FakeObjective();
        Run(second, keepsMore);

        Assert.Equal(12, second.StepSeeds.Count);
    }

    private TrainingOptions CanceledAt(long step)
    {
        var cancellation = new CancellationTokenSource();
        return Options with
        {
            CancellationToken = cancellation.Token,
            StopWhen = progress =>
            {
                if (progress.Step == step)
                {
                    cancellation.Cancel();
                }

                return false;
            },
        };
    }

    private TrainingSummary Run(FakeObjective objective, TrainingOptions options, int seed = 1)
    {
        var context = new MLContext(seed: 1);
        context.Log += (_, message) => messages.Add(message.Message);
        var host = ((IHostEnvironment)context).Register("test");
        using var channel = host.Start("test");
        return new TrainingLoop(options, objective, new RunGuard(host, options), channel).Run(seed);
    }
}
