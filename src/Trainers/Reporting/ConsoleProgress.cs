using System.Diagnostics;
using System.Globalization;

namespace MLNetLlm.Trainers;

/// <summary>
/// Tells the course of a training on the console: on a terminal one line that is kept up to date, elsewhere a line now and
/// then; what the run is about to do, validations and samples as lines of their own. Thread-safe.
/// </summary>
public sealed class ConsoleProgress : ITrainingSink, IDisposable
{
    private static readonly TimeSpan BetweenUpdates = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan BetweenLines = TimeSpan.FromSeconds(15);
    private const int UnknownWidth = 120;

    private readonly Lock gate = new();
    private readonly TextWriter output;
    private readonly bool isLive;
    private readonly Func<int> width;
    private readonly TrainingSinks next;
    private readonly Stopwatch sinceLine = new();
    private TrainingPlan? plan;
    private string? stage;
    private int lineLength;

    /// <summary>Writes to the console.</summary>
    /// <param name="next">Receives every report too.</param>
    public ConsoleProgress(IProgress<TrainingProgress>? next = null)
        : this(Console.Out, IsTerminal, TerminalWidth, next)
    {
    }

    /// <summary>Writes lines, one now and then, to a writer.</summary>
    /// <param name="output">The writer; it stays the caller's.</param>
    /// <param name="next">Receives every report too.</param>
    public ConsoleProgress(TextWriter output, IProgress<TrainingProgress>? next = null)
        : this(output, isLive: false, () => int.MaxValue, next)
    {
    }

    internal ConsoleProgress(TextWriter output, bool isLive, Func<int> width, IProgress<TrainingProgress>? next = null)
    {
        ArgumentNullException.ThrowIfNull(output);
        this.output = output;
        this.isLive = isLive;
        this.width = width;
        this.next = new TrainingSinks(next);
    }

    private static bool IsTerminal => !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") != "dumb";

    /// <inheritdoc/>
    public void Report(TrainingProgress value)
    {
        ArgumentNullException.ThrowIfNull(value);
        lock (gate)
        {
            var isFirst = value.Stage != stage;
            stage = value.Stage;
            if (value.ValidationLoss is not null)
            {
                WriteLine(ProgressText.Validation(value));
            }
            else if (isFirst || value.Step == value.TotalSteps || sinceLine.Elapsed >= (isLive ? BetweenUpdates : BetweenLines))
            {
                var line = ProgressText.Step(value, plan);
                if (isLive)
                {
                    WriteOver(line);
                }
                else
                {
                    WriteLine(line);
                }

                sinceLine.Restart();
            }
        }

        next.Report(value);
    }

    /// <inheritdoc/>
    public void Report(TrainingPlan value)
    {
        ArgumentNullException.ThrowIfNull(value);
        lock (gate)
        {
            plan = value;
            WriteLine(value.ToString());
            if (value.ExceedsMemory)
            {
                WriteLine(value.MemoryWarning);
            }
        }

        next.Report(value);
    }

    /// <inheritdoc/>
    public void Report(CorpusReport value)
    {
        ArgumentNullException.ThrowIfNull(value);
        lock (gate)
        {
            WriteLine(value.ToString());
        }

        next.Report(value);
    }

    /// <inheritdoc/>
    public void Report(TrainingSample value)
    {
        ArgumentNullException.ThrowIfNull(value);
        lock (gate)
        {
            WriteLine(string.Create(CultureInfo.InvariantCulture, $"{value.Stage} step {value.Step:#,0} writes:"));
            foreach (var line in ProgressText.Printable(value.Prompt + value.Continuation).Split('\n'))
            {
                WriteLine("  | " + line);
            }
        }

        next.Report(value);
    }

    /// <summary>Ends the line that is kept up to date, so that what comes next begins a new one.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            if (lineLength > 0)
            {
                output.WriteLine();
                lineLength = 0;
            }
        }
    }

    private static int TerminalWidth() => Console.WindowWidth is > 0 and var columns ? columns : UnknownWidth;

    // Spaces wipe what a longer line before left, so that no terminal has to know escape sequences.
    private void WriteOver(string line)
    {
        var fitting = line.Length < width() ? line : line[..Math.Max(0, width() - 1)];
        output.Write('\r' + fitting.PadRight(lineLength));
        output.Flush();
        lineLength = fitting.Length;
    }

    private void WriteLine(string line)
    {
        output.WriteLine(lineLength > 0 ? '\r' + line.PadRight(lineLength) : line);
        output.Flush();
        lineLength = 0;
    }
}
