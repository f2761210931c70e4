using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace MLNetLlm.Trainers;

/// <summary>
/// A machine-readable log of training runs: one JSON object a line for every report, appended to a file; progress is kept in
/// memory too, for <see cref="TrainingCurves"/>. Several stages may write to the same log. Thread-safe.
/// </summary>
/// <remarks>
/// Progress has the fields of <see cref="TrainingProgress"/>; other lines say what they are in a field <c>kind</c>:
/// <c>corpus</c> (<see cref="CorpusReport"/>), <c>plan</c> (<see cref="TrainingPlan"/>), <c>sample</c>
/// (<see cref="TrainingSample"/>). A number that is none is written as a string (<c>"NaN"</c>).
/// </remarks>
public sealed class TrainingLog : ITrainingSink, IDisposable
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly List<TrainingProgress> reports = [];
    private readonly FileStream file;
    private readonly TrainingSinks next;

    /// <summary>Starts a log.</summary>
    /// <param name="path">The file, by custom <c>training.jsonl</c>; its directory is created.</param>
    /// <param name="next">Receives every report too, for instance a <see cref="ConsoleProgress"/>.</param>
    /// <param name="append">Goes on with a file that is there, as when a run is resumed, instead of replacing it.</param>
    /// <exception cref="InvalidDataException">A line of the file to go on with is no report; the message gives its number.</exception>
    public TrainingLog(string path, IProgress<TrainingProgress>? next = null, bool append = false)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        this.next = new TrainingSinks(next);
        if (append && File.Exists(path))
        {
            reports.AddRange(Read(path));
            RemoveUnfinishedLine(path);
        }

        // Unbuffered, as nothing must be left that closing the log would fail to write, too, where a disk is full.
        file = new FileStream(path, append ? FileMode.Append : FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
    }

    /// <summary>All progress so far, oldest first.</summary>
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

    /// <summary>The progress that a log file holds, oldest first. A last line that a killed run left unfinished is passed over.</summary>
    /// <exception cref="InvalidDataException">A line is no report; the message gives its number.</exception>
    public static IReadOnlyList<TrainingProgress> Read(string path)
    {
        var text = File.ReadAllText(path);
        var lines = text.Split('\n');
        var read = new List<TrainingProgress>();
        for (var line = 0; line < lines.Length - 1; line++)
        {
            try
            {
                if (JsonNode.Parse(lines[line]) is JsonObject report && !report.ContainsKey("kind"))
                {
                    read.Add(report.Deserialize<TrainingProgress>(Json)!);
                }
            }
            catch (JsonException exception)
            {
                throw new InvalidDataException($"'{path}' line {line + 1}: expected a JSON object with a training report. {exception.Message}", exception);
            }
        }

        return read;
    }

    /// <inheritdoc/>
    public void Report(TrainingProgress value)
    {
        ArgumentNullException.ThrowIfNull(value);
        lock (reports)
        {
            reports.Add(value);
            WriteLine(JsonSerializer.Serialize(value, Json));
        }

        next.Report(value);
    }

    /// <inheritdoc/>
    public void Report(TrainingPlan value)
    {
        Write("plan", value);
        next.Report(value);
    }

    /// <inheritdoc/>
    public void Report(CorpusReport value)
    {
        Write("corpus", value);
        next.Report(value);
    }

    /// <inheritdoc/>
    public void Report(TrainingSample value)
    {
        Write("sample", value);
        next.Report(value);
    }

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();

    private void Write<T>(string kind, T value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var line = new JsonObject { ["kind"] = kind };
        foreach (var (name, field) in JsonSerializer.SerializeToNode(value, Json)!.AsObject())
        {
            line[name] = field?.DeepClone();
        }

        lock (reports)
        {
            WriteLine(line.ToJsonString(Json));
        }
    }

    private void WriteLine(string line) => file.Write(Encoding.UTF8.GetBytes(line + '\n'));

    private static void RemoveUnfinishedLine(string path)
    {
        using var file = File.Open(path, FileMode.Open, FileAccess.ReadWrite);
        var end = file.Length;
        while (end > 0)
        {
            file.Position = end - 1;
            if (file.ReadByte() == '\n')
            {
                break;
            }

            end--;
        }

        file.SetLength(end);
    }
}
