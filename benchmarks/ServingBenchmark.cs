using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetLlm.Models;
using MLNetLlm.Trainers;

namespace MLNetLlm.Benchmarks;

/// <summary>A fine-tuned classifier in use: rows per second in bulk and one by one, and the latency of a prediction engine.</summary>
internal static class ServingBenchmark
{
    private const int BulkRows = 4_000;
    private const int SingleCalls = 1_000;

    private static readonly int[] ClientCounts = [1, 4, 16, 64];

    public static IEnumerable<Measurement> Run()
    {
        var ml = new MLContext(seed: 1);
        var rows = SyntheticText.Rows(BulkRows);
        using var model = ml.BinaryClassification.Trainers.TextClassification(new TextClassificationOptions
        {
            Network = new GptConfig { ContextLength = 128, LayerCount = 3, HeadCount = 4, Width = 128, Dropout = 0.1 },
            BytePairs = new BytePairOptions { VocabularySize = 512 },
            Training = new TrainingOptions { Epochs = 1, Device = BenchmarkDevice.Name, StopWhen = progress => progress.Step >= 10 },
        }).Fit(ml.Data.LoadFromEnumerable(rows));

        var bulk = Repeat(5, () => BulkRows / Seconds(() => model.Transform(ml.Data.LoadFromEnumerable(rows)).GetColumn<float>("Score").Count()));
        var oneByOne = Repeat(5, () => 200 / Seconds(() =>
        {
            foreach (var row in rows.Take(200))
            {
                model.Transform(ml.Data.LoadFromEnumerable([row])).GetColumn<float>("Score").Count();
            }
        }));
        yield return Measurement.Alone("classification, bulk Transform", "rows/s", bulk);
        yield return Measurement.Alone("classification, one-row Transform calls", "rows/s", oneByOne);

        using var engine = ml.Model.CreatePredictionEngine<SyntheticText.TextRow, Verdict>(model);
        var latencies = rows.Take(SingleCalls).Select(row => 1_000 * Seconds(() => engine.Predict(row))).ToList();
        yield return Measurement.Alone("classification, PredictionEngine.Predict", "ms", latencies);
        foreach (var clients in ClientCounts)
        {
            yield return Measurement.Alone($"classification, {clients} threads with an engine each", "rows/s", Repeat(3, () => Together(ml, model, rows, clients)));
        }
    }

    private static double Together(MLContext ml, ITransformer model, IReadOnlyList<SyntheticText.TextRow> rows, int clients)
    {
        var engines = Enumerable.Range(0, clients)
            .Select(_ => ml.Model.CreatePredictionEngine<SyntheticText.TextRow, Verdict>(model, new PredictionEngineOptions { OwnsTransformer = false }))
            .ToArray();
        var perClient = BulkRows / clients;
        var seconds = Seconds(() => Task.WaitAll(engines.Select((engine, client) => Task.Factory.StartNew(
            () =>
            {
                for (var call = 0; call < perClient; call++)
                {
                    engine.Predict(rows[client * perClient + call]);
                }
            },
            TaskCreationOptions.LongRunning)).ToArray()));
        return clients * perClient / seconds;
    }

    private static List<double> Repeat(int times, Func<double> measure)
    {
        measure();
        return Enumerable.Range(0, times).Select(_ => measure()).ToList();
    }

    private static double Seconds(Action action)
    {
        var clock = Stopwatch.StartNew();
        action();
        return clock.Elapsed.TotalSeconds;
    }

    private sealed class Verdict
    {
        public float Score { get; set; }
    }
}
