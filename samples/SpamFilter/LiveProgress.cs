using System.Collections.Concurrent;
using System.Globalization;
using MLNetLlm.Trainers;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace SpamFilter;

/// <summary>A bar for each stage of the training, with its numbers beside it.</summary>
internal sealed class LiveProgress(ProgressContext context, ProgressNumbersColumn numbers) : IProgress<TrainingProgress>
{
    private readonly Dictionary<string, ProgressTask> bars = [];

    public void Report(TrainingProgress value)
    {
        if (!bars.TryGetValue(value.Stage, out var bar))
        {
            bar = bars[value.Stage] = context.AddTask(Markup.Escape(value.Stage), maxValue: value.TotalSteps);
        }

        numbers.Update(bar.Id, value);
        bar.Value = value.Step;
    }
}

/// <summary>Loss, smoothed loss, learning rate, speed and time left; on a wide terminal the last validation too.</summary>
internal sealed class ProgressNumbersColumn(int terminalWidth) : ProgressColumn
{
    private const int WideTerminal = 130;
    private readonly ConcurrentDictionary<int, TrainingProgress> latest = new();
    private readonly ConcurrentDictionary<int, string> validations = new();

    protected override bool NoWrap => true;

    public void Update(int bar, TrainingProgress progress)
    {
        latest[bar] = progress;
        if (progress.ValidationLoss is { } loss)
        {
            var accuracy = progress.ValidationAccuracy is { } share ? Invariant($" {100 * share:0.0} %") : "";
            validations[bar] = Invariant($" validation {loss:0.000}{accuracy}");
        }
    }

    public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime)
    {
        if (!latest.TryGetValue(task.Id, out var progress))
        {
            return Text.Empty;
        }

        var time = progress.Step < progress.TotalSteps
            ? $"{TrainingDisplay.Duration(progress.Remaining)} left"
            : $"took {TrainingDisplay.Duration(progress.Elapsed)}";
        var validation = terminalWidth >= WideTerminal ? validations.GetValueOrDefault(task.Id, "") : "";
        return new Text(Invariant(
            $"loss {progress.Loss:0.000} ~{progress.SmoothedLoss:0.000} lr {progress.LearningRate:0.0e+0} {progress.TokensPerSecond / 1000:0.0}k tok/s {time}{validation}"));
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
