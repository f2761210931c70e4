using System.Diagnostics;

namespace SpamFilter;

/// <summary>How long each stage of a run takes.</summary>
internal sealed class StageClock
{
    private readonly Dictionary<string, double> seconds = [];
    private readonly Stopwatch clock = new();
    private string? current;

    /// <summary>Wall time of the stages that have ended, in the order they began.</summary>
    public IReadOnlyDictionary<string, double> Seconds => seconds;

    public void Begin(string stage)
    {
        End();
        current = stage;
        clock.Restart();
    }

    public void End()
    {
        if (current is not null)
        {
            seconds[current] = Math.Round(clock.Elapsed.TotalSeconds, 3);
            current = null;
        }
    }
}
