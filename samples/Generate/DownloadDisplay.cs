using System.Globalization;
using MLNetLlm.Models;
using Spectre.Console;

namespace Generate;

/// <summary>Shows how far a download is: a bar in a terminal, elsewhere a line for each file.</summary>
internal static class DownloadDisplay
{
    public static LanguageModel Run(IAnsiConsole console, bool isTerminal, Func<IProgress<HubProgress>, LanguageModel> load)
    {
        if (!isTerminal)
        {
            return load(new Lines(console));
        }

        return console.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new DownloadedColumn(), new TransferSpeedColumn(), new RemainingTimeColumn())
            .Start(context => load(new Bar(context)));
    }

    private sealed class Lines(IAnsiConsole console) : IProgress<HubProgress>
    {
        public void Report(HubProgress value)
        {
            if (value.BytesDone == value.BytesTotal)
            {
                lock (console)
                {
                    console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"downloaded {value.File}, {value.BytesTotal / 1e6:0.0} MB"));
                }
            }
        }
    }

    private sealed class Bar(ProgressContext context) : IProgress<HubProgress>
    {
        private readonly ProgressTask task = context.AddTask("loading", autoStart: true, maxValue: 1);

        public void Report(HubProgress value)
        {
            lock (task)
            {
                task.Description = Markup.Escape(value.File);
                task.MaxValue = Math.Max(1, value.AllBytesTotal);
                task.Value = value.AllBytesDone;
            }
        }
    }
}
