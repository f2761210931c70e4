using System.Diagnostics;
using System.Globalization;
using MLNetLlm.Trainers;

namespace SpamFilter;

/// <summary>For output that is no terminal: a line now and then, at the ends of epochs, and always the last of a stage.</summary>
internal sealed class ProgressLines(TextWriter output) : IProgress<TrainingProgress>
{
    private static readonly TimeSpan BetweenEpochLines = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan BetweenLines = TimeSpan.FromSeconds(15);

    private readonly Stopwatch sinceLine = new();
    private string? stage;

    public void Report(TrainingProgress value)
    {
        var first = value.Stage != stage;
        var endOfEpoch = value.ValidationLoss is not null;
        var endOfStage = endOfEpoch && value.Step == value.TotalSteps;
        if (!first && !endOfStage && sinceLine.Elapsed < (endOfEpoch ? BetweenEpochLines : BetweenLines))
        {
            return;
        }

        stage = value.Stage;
        sinceLine.Restart();
        output.WriteLine(Line(value));
        output.Flush();
    }

    private static string Line(TrainingProgress value)
    {
        var line = string.Create(
            CultureInfo.InvariantCulture,
            $"{value.Stage,-14} epoch {value.Epoch}/{value.Epochs}  step {value.Step}/{value.TotalSteps}  loss {value.Loss:0.0000} (smoothed {value.SmoothedLoss:0.0000})  " +
            $"learning rate {value.LearningRate:0.00e+0}  {value.TokensPerSecond:0} tokens/s  {TrainingDisplay.Duration(value.Remaining)} left");
        return line + Validation(value);
    }

    private static string Validation(TrainingProgress value) => value switch
    {
        { ValidationLoss: null } => "",
        { ValidationAccuracy: null } => string.Create(CultureInfo.InvariantCulture, $"  validation loss {value.ValidationLoss:0.0000}"),
        _ => string.Create(
            CultureInfo.InvariantCulture, $"  validation loss {value.ValidationLoss:0.0000}, accuracy {100 * value.ValidationAccuracy:0.00} %"),
    };
}
