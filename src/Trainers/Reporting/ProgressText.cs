using System.Globalization;
using System.Text;

namespace MLNetLlm.Trainers;

/// <summary>Progress in words.</summary>
internal static class ProgressText
{
    /// <summary>Step, losses, gradient norm, learning rate, speed, its share of the peak and the time left, the most important first.</summary>
    public static string Step(TrainingProgress value, TrainingPlan? plan)
    {
        var share = plan?.PeakFlops is { } peak ? Invariant($"  {value.TokensPerSecond * plan.FlopsPerToken / peak:p0} of peak") : "";
        return Invariant($"{value.Stage} {value.Step:#,0}/{value.TotalSteps:#,0}  loss {value.Loss:0.000} ~{value.SmoothedLoss:0.000}  ")
            + Invariant($"{Duration(value.Remaining)} left  {value.TokensPerSecond:#,0} tokens/s{share}  ")
            + Invariant($"lr {value.LearningRate:0.0e+0}  gradient {value.GradientNorm:0.00}");
    }

    public static string Validation(TrainingProgress value)
    {
        var accuracy = value.ValidationAccuracy is { } share ? Invariant($", accuracy {100 * share:0.00} %") : "";
        return Invariant($"{value.Stage} {value.Step:#,0}/{value.TotalSteps:#,0}  epoch {value.Epoch}/{value.Epochs}  ")
            + Invariant($"training loss ~{value.SmoothedLoss:0.000}  validation loss {value.ValidationLoss:0.0000}{accuracy}  {Duration(value.Elapsed)}");
    }

    public static string Duration(TimeSpan time) => time.TotalDays >= 1
        ? Invariant($"{time:d\\.hh\\:mm\\:ss}")
        : time.TotalHours >= 1 ? Invariant($"{time:h\\:mm\\:ss}") : Invariant($"{time:m\\:ss}");

    /// <summary>Text without control characters, which could move a terminal's cursor or worse; line ends stay.</summary>
    public static string Printable(string text)
    {
        var printable = new StringBuilder(text.Length);
        foreach (var character in text)
        {
            printable.Append(character == '\n' || !char.IsControl(character) ? character : '\uFFFD');
        }

        return printable.ToString();
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
