using System.Diagnostics;
using Microsoft.ML;

namespace SpamFilter;

/// <summary>How fast a filter answers in the three ways an ML.NET program can ask it.</summary>
/// <param name="BulkRowsPerSecond">One <c>Transform</c> over all messages.</param>
/// <param name="OneRowCallsPerSecond">A <c>Transform</c> for each single message.</param>
/// <param name="PredictionEngineMedianMilliseconds">A <c>PredictionEngine</c> call.</param>
internal sealed record Speed(double BulkRowsPerSecond, double OneRowCallsPerSecond, double PredictionEngineMedianMilliseconds)
{
    public double BulkAdvantage => BulkRowsPerSecond / OneRowCallsPerSecond;
}

/// <summary>Measures <see cref="Speed"/>.</summary>
internal static class SpeedTest
{
    private const int OneRowCalls = 100;
    private const int EngineCalls = 300;
    private const int BulkRows = 4_000;

    public static Speed Measure(MLContext ml, ITransformer filter, IReadOnlyList<Message> messages) => new(
        BulkRate(ml, filter, messages), OneRowRate(ml, filter, messages), EngineMedian(ml, filter, messages));

    private static double BulkRate(MLContext ml, ITransformer filter, IReadOnlyList<Message> messages)
    {
        var rows = Cycle(messages, BulkRows).ToList();
        Score(ml, filter, messages);
        var clock = Stopwatch.StartNew();
        Score(ml, filter, rows);
        return rows.Count / clock.Elapsed.TotalSeconds;
    }

    private static double OneRowRate(MLContext ml, ITransformer filter, IReadOnlyList<Message> messages)
    {
        Score(ml, filter, [messages[0]]);
        var clock = Stopwatch.StartNew();
        foreach (var message in Cycle(messages, OneRowCalls))
        {
            Score(ml, filter, [message]);
        }

        return OneRowCalls / clock.Elapsed.TotalSeconds;
    }

    private static double EngineMedian(MLContext ml, ITransformer filter, IReadOnlyList<Message> messages)
    {
        // The filter is used on after this engine is gone.
        using var engine = ml.Model.CreatePredictionEngine<Message, Verdict>(filter, new PredictionEngineOptions { OwnsTransformer = false });
        engine.Predict(messages[0]);
        var milliseconds = Cycle(messages, EngineCalls).Select(message =>
        {
            var start = Stopwatch.GetTimestamp();
            engine.Predict(message);
            return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }).Order().ToArray();
        return milliseconds[EngineCalls / 2];
    }

    private static void Score(MLContext ml, ITransformer filter, IReadOnlyList<Message> messages)
    {
        var scored = ml.Data.CreateEnumerable<Verdict>(filter.Transform(ml.Data.LoadFromEnumerable(messages)), reuseRowObject: true);
        if (scored.Count() != messages.Count)
        {
            throw new InvalidOperationException("Transform returned another number of rows than it was given.");
        }
    }

    private static IEnumerable<Message> Cycle(IReadOnlyList<Message> messages, int count) =>
        Enumerable.Range(0, count).Select(row => messages[row % messages.Count]);
}
