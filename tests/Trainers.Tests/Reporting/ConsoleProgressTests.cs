using MLNetLlm.Models;

namespace MLNetLlm.Trainers.Tests.Reporting;

public class ConsoleProgressTests
{
    private readonly StringWriter output = new() { NewLine = "\n" };

    private static TrainingProgress Step(long step, double? validation = null) => new(
        "pretraining", 1, 2, step, 20, 2.345, 2.4, 0.52, 1e-3, 15_000, TimeSpan.FromSeconds(step), TimeSpan.FromSeconds(95), validation);

    private static TrainingPlan Plan => TrainingPlan.For(GptConfig.Mini, 1_000_000, new TrainingOptions()) with { PeakFlops = 1e12 };

    [Fact]
    public void A_line_tells_loss_gradient_norm_learning_rate_speed_share_of_the_peak_and_time_left()
    {
        using var progress = new ConsoleProgress(output);

        progress.Report(Plan);
        progress.Report(Step(3));

        var line = output.ToString().Split('\n')[1];
        var share = 15_000 * Plan.FlopsPerToken / 1e12;
        Assert.Equal(
            FormattableString.Invariant($"pretraining 3/20  loss 2.345 ~2.400  1:35 left  15,000 tokens/s  {share:p0} of peak  lr 1.0e-3  gradient 0.52"), line);
    }

    [Fact]
    public void Elsewhere_than_on_a_terminal_only_the_first_the_last_and_a_line_now_and_then_are_written()
    {
        using var progress = new ConsoleProgress(output);

        for (var step = 1; step <= 20; step++)
        {
            progress.Report(Step(step));
        }

        progress.Report(Step(20, validation: 1.25));
        var lines = output.ToString().TrimEnd('\n').Split('\n');
        Assert.Equal(3, lines.Length);
        Assert.Contains("1/20", lines[0]);
        Assert.Contains("20/20", lines[1]);
        Assert.Contains("validation loss 1.2500", lines[2]);
    }

    [Fact]
    public void On_a_terminal_one_line_is_written_over_and_never_wraps()
    {
        using (var progress = new ConsoleProgress(output, isLive: true, () => 40))
        {
            progress.Report(Step(1));
            progress.Report(Step(20));
        }

        Assert.Equal(1, output.ToString().Count(character => character == '\n'));
        Assert.Equal(2, output.ToString().Count(character => character == '\r'));
        Assert.All(output.ToString().TrimEnd('\n').Split('\r'), line => Assert.InRange(line.Length, 0, 39));
    }

    [Fact]
    public void A_line_of_its_own_wipes_the_live_one()
    {
        using var progress = new ConsoleProgress(output, isLive: true, () => 100);

        progress.Report(Step(1));
        progress.Report(Step(1, validation: 1.5));

        var lines = output.ToString().Split('\n');
        Assert.Equal(2, lines.Length);
        var (live, over) = (lines[0].Split('\r')[1], lines[0].Split('\r')[2]);
        Assert.StartsWith("pretraining 1/20  epoch 1/2", over);
        Assert.True(over.Length >= live.Length);
    }

    [Fact]
    public void Samples_cannot_control_the_terminal()
    {
        using var progress = new ConsoleProgress(output);

        progress.Report(new TrainingSample("pretraining", 100, "a\u001b[2J", "b\r\nc"));

        Assert.DoesNotContain('\u001b', output.ToString());
        Assert.DoesNotContain('\r', output.ToString());
        Assert.Contains("  | c", output.ToString());
    }

    [Fact]
    public void Sinks_pass_on_what_they_get()
    {
        var last = new StringWriter();
        using var chain = new ConsoleProgress(output, next: new ConsoleProgress(last));

        chain.Report(Plan);
        chain.Report(Step(1));
        chain.Report(new TrainingSample("pretraining", 100, "a", "b"));

        Assert.Equal(output.ToString(), last.ToString().ReplaceLineEndings("\n"));
    }
}
