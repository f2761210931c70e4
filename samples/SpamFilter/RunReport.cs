using System.Diagnostics;
using System.Reflection;
using MLNetLlm.Trainers;
using Samples;

namespace SpamFilter;

/// <summary>How many test messages of each class were taken for which; spam is the positive class.</summary>
internal sealed record Confusion(int TruePositives, int FalseNegatives, int FalsePositives, int TrueNegatives);

/// <summary>How many messages each part of the data has.</summary>
internal sealed record Rows(int Training, int Validation, int Test, int Pretraining, int DuplicatesRemoved);

/// <summary>Everything measured in one run; written as <c>metrics.json</c>.</summary>
internal sealed record RunReport
{
    public required double Accuracy { get; init; }

    public required double F1 { get; init; }

    public required double Precision { get; init; }

    public required double Recall { get; init; }

    public required double Auc { get; init; }

    public required Confusion Confusion { get; init; }

    /// <summary>Tokens trained on, padding not counted, per second of both trainings.</summary>
    public required double TokensPerSecond { get; init; }

    public required IReadOnlyDictionary<string, double> SecondsPerStage { get; init; }

    public required double PeakMemoryMegabytes { get; init; }

    public required long Parameters { get; init; }

    public required string Device { get; init; }

    /// <summary>The number type of the matrix products; <see cref="Precision"/> is the share of true spam in what was called spam.</summary>
    public required string ComputePrecision { get; init; }

    public required string PackageMode { get; init; }

    public required int Seed { get; init; }

    public required string Split { get; init; }

    public required Rows Rows { get; init; }

    public required Speed Speed { get; init; }

    public static RunReport Create(
        DemoSettings settings, SmsSplit split, TrainedFilter trained, IReadOnlyList<TrainingProgress> reports, StageClock stages, Speed speed)
    {
        var (model, metrics) = (trained.Transformer.Model, trained.Metrics);
        var counts = metrics.ConfusionMatrix.Counts;
        using var process = Process.GetCurrentProcess();
        return new RunReport
        {
            Accuracy = metrics.Accuracy,
            F1 = metrics.F1Score,
            Precision = metrics.PositivePrecision,
            Recall = metrics.PositiveRecall,
            Auc = metrics.AreaUnderRocCurve,
            Confusion = new Confusion((int)counts[0][0], (int)counts[0][1], (int)counts[1][0], (int)counts[1][1]),
            TokensPerSecond = TokenRate(reports),
            SecondsPerStage = stages.Seconds,
            PeakMemoryMegabytes = Math.Round(process.PeakWorkingSet64 / 1048576.0, 1),
            Parameters = model.Network.parameters().Sum(parameter => parameter.numel()),
            Device = model.Backbone.Network.Device.ToString(),
            ComputePrecision = model.Backbone.Network.Precision.ToString(),
            PackageMode = BuiltWith("PackageMode"),
            Seed = settings.Seed,
            Split = settings.Split.ToString().ToLowerInvariant(),
            Rows = new Rows(split.Training.Count, split.Validation.Count, split.Test.Count, split.Pretraining.Count, split.DuplicatesRemoved),
            Speed = speed,
        };
    }

    /// <summary>Writes the measurements, the pictures and the checkpoint; log and model are there already.</summary>
    public void Write(OutputFiles output, TrainedFilter trained, IReadOnlyList<TrainingProgress> reports)
    {
        MetricsFile.Write(output.Metrics, this);
        TrainingCurves.Save(reports, output.Curves);
        ConfusionTable.Save(trained.Metrics.ConfusionMatrix, ["spam", "ham"], output.Confusion);
        trained.Transformer.Model.Save(output.Checkpoint);
    }

    private static double TokenRate(IReadOnlyList<TrainingProgress> reports)
    {
        var stages = reports.GroupBy(report => report.Stage).Select(stage => stage.Last()).ToList();
        return Math.Round(
            stages.Sum(last => last.TokensPerSecond * last.Elapsed.TotalSeconds) / stages.Sum(last => last.Elapsed.TotalSeconds), 1);
    }

    private static string BuiltWith(string key) =>
        Assembly.GetExecutingAssembly().GetCustomAttributes<AssemblyMetadataAttribute>().First(metadata => metadata.Key == key).Value ?? "";
}
