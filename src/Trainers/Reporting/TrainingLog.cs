using System.Text.Json;
using System.Text.Json.Serialization;

namespace MLNetLlm.Trainers;

/// <summary>
/// A machine-readable log of training runs: one JSON object a line for every report, appended to a file and kept in memory
/// for <see cref="TrainingCurves"/>. Several stages may write to the same log. Thread-safe.
/// </summary>
public sealed class TrainingLog : IProgress<TrainingProgress>, IDisposable
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    private readonly List<TrainingProgress> reports = [];
    private readonly StreamWriter writer;
    private readonly IProgress<TrainingProgress>? next;

    /// <summary>Starts a log, replacing a file of the same name.</summary>
    /// <param name="path">The file, by custom <c>training.jsonl</c>; its directory is created.</param>
    /// <param name="next">Receives every report too, for instance a progress bar.</param>
    public TrainingLog(string path, IProgress<TrainingProgress>? next = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        writer = new StreamWriter(path) { AutoFlush = true };
        this.next = next;
    }

    /// <summary>All reports so far, oldest first.</summary>
    public IReadOnlyList<TrainingProgress> Reports
    {
        get
        {
            lock (reports)
            {
                return reports.ToArray();
            }
        }
    }

    /// <inheritdoc/>
    public void Report(TrainingProgress value)
    {
        ArgumentNullException.ThrowIfNull(value);
        lock (reports)
        {
            reports.Add(value);
            writer.WriteLine(JsonSerializer.Serialize(value, Json));
        }

        next?.Report(value);
    }

    /// <inheritdoc/>
    public void Dispose() => writer.Dispose();
}
