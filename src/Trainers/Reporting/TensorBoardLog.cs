using System.Globalization;

namespace MLNetLlm.Trainers;

/// <summary>
/// Writes what a training run tells as TensorBoard event files: <c>tensorboard --logdir folder</c> shows losses, learning
/// rate, gradient norm and speed as curves, and what the model wrote as texts. Thread-safe.
/// </summary>
/// <remarks>
/// Format: TFRecord framing (length, masked CRC-32C of the length, data, masked CRC-32C of the data) of <c>Event</c> protocol
/// buffers of version <c>brain.Event:2</c>. Tags are grouped by stage: <c>pretraining/loss</c>.
/// </remarks>
public sealed class TensorBoardLog : ITrainingSink, IDisposable
{
    private readonly Lock gate = new();
    private readonly EventFile file;
    private readonly TrainingSinks next;
    private readonly TimeProvider clock;

    /// <summary>Starts an event file of its own; runs into the same folder show as one.</summary>
    /// <param name="directory">The folder; created if it does not exist.</param>
    /// <param name="next">Receives every report too.</param>
    public TensorBoardLog(string directory, IProgress<TrainingProgress>? next = null)
        : this(directory, next, TimeProvider.System)
    {
    }

    internal TensorBoardLog(string directory, IProgress<TrainingProgress>? next, TimeProvider clock)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(directory);
        Directory.CreateDirectory(directory);
        this.next = new TrainingSinks(next);
        this.clock = clock;
        // TensorBoard reads the files of a folder in the order of their names; a second one of a second must differ.
        var name = string.Create(
            CultureInfo.InvariantCulture,
            $"events.out.tfevents.{(long)Seconds:0000000000}.{Environment.MachineName}.{Environment.ProcessId}.{Guid.NewGuid():n}");
        Path = System.IO.Path.Combine(directory, name);
        file = new EventFile(Path);
        file.Write(EventMessage.Version(Seconds));
    }

    /// <summary>The event file.</summary>
    public string Path { get; }

    private double Seconds => (clock.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds;

    /// <inheritdoc/>
    public void Report(TrainingProgress value)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (value.ValidationLoss is { } loss)
        {
            Scalar(value, "validation_loss", loss);
            Scalar(value, "validation_perplexity", Math.Exp(loss));
            if (value.ValidationAccuracy is { } accuracy)
            {
                Scalar(value, "validation_accuracy", accuracy);
            }
        }
        else
        {
            Scalar(value, "loss", value.Loss);
            Scalar(value, "smoothed_loss", value.SmoothedLoss);
            Scalar(value, "gradient_norm", value.GradientNorm);
            Scalar(value, "learning_rate", value.LearningRate);
            Scalar(value, "tokens_per_second", value.TokensPerSecond);
        }

        next.Report(value);
    }

    /// <inheritdoc/>
    public void Report(TrainingPlan value)
    {
        ArgumentNullException.ThrowIfNull(value);
        Text("plan", 0, value.ToString());
        next.Report(value);
    }

    /// <inheritdoc/>
    public void Report(CorpusReport value)
    {
        ArgumentNullException.ThrowIfNull(value);
        Text($"corpus/{value.Role}", 0, value.ToString());
        next.Report(value);
    }

    /// <inheritdoc/>
    public void Report(TrainingSample value)
    {
        ArgumentNullException.ThrowIfNull(value);
        Text($"{value.Stage}/sample", value.Step, $"**{value.Prompt}**{value.Continuation}");
        next.Report(value);
    }

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();

    private void Scalar(TrainingProgress progress, string name, double value) =>
        Write(EventMessage.Scalar(Seconds, progress.Step, $"{progress.Stage}/{name}", (float)value));

    private void Text(string tag, long step, string text) => Write(EventMessage.Text(Seconds, step, tag, text));

    private void Write(byte[] message)
    {
        lock (gate)
        {
            file.Write(message);
        }
    }
}
