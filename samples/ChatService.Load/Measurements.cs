using System.Diagnostics;

namespace ChatService.Load;

/// <summary>What the clients of one kind saw in one phase. Any number of them may report.</summary>
internal sealed class Measurements
{
    private readonly Lock gate = new();
    private readonly List<double> latencies = [];
    private readonly List<double> firstTokens = [];
    private readonly Dictionary<string, int> errors = [];
    private long tokens;

    public void Succeeded(long begun)
    {
        lock (gate)
        {
            latencies.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
        }
    }

    public void FirstToken(long begun)
    {
        lock (gate)
        {
            firstTokens.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
        }
    }

    public void Token() => Interlocked.Increment(ref tokens);

    public void Failed(string why)
    {
        lock (gate)
        {
            errors[why] = errors.GetValueOrDefault(why) + 1;
        }
    }

    public Figures Summarize(TimeSpan duration)
    {
        lock (gate)
        {
            return new Figures(
                latencies.Count, latencies.Count / duration.TotalSeconds, tokens / duration.TotalSeconds, Percentiles.Of(latencies), Percentiles.Of(firstTokens),
                errors.Values.Sum(), errors);
        }
    }
}

/// <param name="Requests">Requests that were answered.</param>
/// <param name="RequestsPerSecond">Of these.</param>
/// <param name="TokensPerSecond">Tokens that came, of unfinished answers too.</param>
/// <param name="Latency">Milliseconds from a request to the end of its answer.</param>
/// <param name="FirstToken">Milliseconds from a request to its first token.</param>
/// <param name="Errors">Requests that failed.</param>
/// <param name="ErrorsByKind">Why, and how often.</param>
internal sealed record Figures(
    int Requests, double RequestsPerSecond, double TokensPerSecond, Percentiles Latency, Percentiles FirstToken, int Errors, IReadOnlyDictionary<string, int> ErrorsByKind);

/// <summary>Of times in milliseconds; 0 where there are none.</summary>
internal sealed record Percentiles(double P50, double P95, double P99)
{
    public static Percentiles Of(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return new Percentiles(At(0.50), At(0.95), At(0.99));

        // The nearest rank.
        double At(double share) => sorted.Length == 0 ? 0 : sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Length) - 1)];
    }
}
