using MLNetLlm.Trainers;
using Spectre.Console;

namespace SpamFilter;

/// <summary>Shows a training as it goes: bars on a terminal, lines elsewhere.</summary>
internal static class TrainingDisplay
{
    public static T Run<T>(IAnsiConsole console, Func<IProgress<TrainingProgress>, T> work)
    {
        if (!console.Profile.Capabilities.Ansi || Console.IsOutputRedirected)
        {
            return work(new ProgressLines(console.Profile.Out.Writer));
        }

        var numbers = new ProgressNumbersColumn(console.Profile.Width);
        return console.Progress()
            .AutoRefresh(true)
            .Columns(
                new TaskDescriptionColumn { Alignment = Justify.Left },
                new ProgressBarColumn { Width = Math.Clamp(console.Profile.Width - 72, 8, 40) },
                new PercentageColumn(),
                numbers)
            .Start(context => work(new LiveProgress(context, numbers)));
    }

    public static string Duration(TimeSpan time) => time.TotalHours >= 1 ? $"{time:h\\:mm\\:ss}" : $"{time:m\\:ss}";
}
