using System.Globalization;
using Microsoft.ML.Runtime;
using MLNetLlm.Transforms;

namespace MLNetLlm.Trainers;

/// <summary>
/// The checkpoints of a run on disk. A checkpoint is a directory that is written under another name and renamed when all of it
/// is on disk, so a crash at any moment leaves the ones before intact.
/// </summary>
internal sealed class RunCheckpoints : IDisposable
{
    private const string Prefix = "step-";
    private const string FinishedSuffix = "-finished";
    private const string BestPrefix = "best-";
    private const string UnfinishedPrefix = ".writing-";
    private const string StateFile = "state.json";
    private const string WeightsFile = "weights.safetensors";

    private readonly CheckpointOptions options;
    private readonly string directory;
    private readonly FileStream runLock;
    private long lastStep;
    private DateTime lastWritten = DateTime.UtcNow;

    private RunCheckpoints(CheckpointOptions options, string directory)
    {
        this.options = options;
        this.directory = directory;
        runLock = Lock(directory);
    }

    /// <summary>Opens the directory of a run; <see langword="null"/> where none is kept.</summary>
    /// <exception cref="InvalidOperationException">Another run is using the directory.</exception>
    /// <exception cref="IOException">It cannot be made or written to.</exception>
    public static RunCheckpoints? Open(CheckpointOptions options)
    {
        if (options.Directory is null)
        {
            return null;
        }

        var opened = new RunCheckpoints(options, options.Directory);
        foreach (var left in Directory.EnumerateDirectories(options.Directory, UnfinishedPrefix + "*"))
        {
            Directory.Delete(left, recursive: true);
        }

        return opened;
    }

    /// <summary>The seed of the run that would be resumed.</summary>
    public static int? SeedOf(CheckpointOptions options) => options is { Directory: { } directory, Resume: true }
        ? Newest(directory).Select(checkpoint => TryReadState(options, checkpoint)).FirstOrDefault(state => state is not null)?.Seed
        : null;

    /// <summary>Goes on with the run that the directory holds, if it holds one. A checkpoint that is damaged is passed over for the one before.</summary>
    /// <exception cref="ResumeRefusedException">It is another run.</exception>
    /// <exception cref="InvalidDataException">Every checkpoint is damaged.</exception>
    public RunState? Resume(RunIdentity identity, RunWeights weights, IChannel channel)
    {
        if (!options.Resume)
        {
            Newest(directory).ForEach(checkpoint => Directory.Delete(checkpoint, recursive: true));
            BestFiles().ForEach(File.Delete);
            return null;
        }

        Exception? damage = null;
        foreach (var checkpoint in Newest(directory))
        {
            try
            {
                var state = ReadState(options, checkpoint);
                if (identity.DifferencesFrom(state.Identity) is { Count: > 0 } differences)
                {
                    throw new ResumeRefusedException(directory, differences);
                }

                Read(checkpoint, WeightsFile, weights.Read);
                if (state.BestStep is { } best)
                {
                    Read(directory, BestName(best), weights.ReadBest);
                }

                lastStep = state.Step;
                return state;
            }
            catch (Exception exception) when (IsDamage(exception))
            {
                channel.Warning($"A checkpoint cannot be used and is deleted; the one before it is tried. {exception.Message}");
                Directory.Delete(checkpoint, recursive: true);
                damage = exception;
            }
        }

        return damage is null ? null : throw new InvalidDataException($"Every checkpoint in '{directory}' is damaged; with Checkpoints.Resume = false the run starts anew.", damage);
    }

    /// <summary>Whether it is time for a checkpoint after a step.</summary>
    public bool IsDue(long step) =>
        (options.EverySteps > 0 && step - lastStep >= options.EverySteps) || DateTime.UtcNow - lastWritten >= options.Every;

    /// <exception cref="TrainingCheckpointException">It could not be written; those before it are intact.</exception>
    public void Write(RunState state, RunWeights weights)
    {
        var target = Path.Combine(directory, Number(Prefix, state.Step) + (state.IsFinished ? FinishedSuffix : ""));
        Guarded(state.Step, target, () =>
        {
            if (state.BestStep is { } best && !File.Exists(Path.Combine(directory, BestName(best))))
            {
                options.OpenStore(directory).Write(BestName(best), weights.WriteBest);
            }

            if (!Directory.Exists(target))
            {
                WriteDirectory(target, state, weights);
            }

            Prune(state);
        });
        lastStep = state.Step;
        lastWritten = DateTime.UtcNow;
    }

    /// <summary>Writes something else that belongs to the run, with the same promise.</summary>
    public void Guarded(long step, string target, Action write)
    {
        try
        {
            write();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new TrainingCheckpointException(step, target, Newest(directory).FirstOrDefault(), options.KeepLast, exception);
        }
    }

    public void Dispose() => runLock.Dispose();

    private static string Number(string prefix, long step) => prefix + step.ToString("d10", CultureInfo.InvariantCulture);

    private static string BestName(long step) => Number(BestPrefix, step) + ".safetensors";

    private static List<string> Newest(string directory) => Directory.Exists(directory)
        ? Directory.EnumerateDirectories(directory, Prefix + "*").OrderDescending(StringComparer.Ordinal).ToList()
        : [];

    private static FileStream Lock(string directory)
    {
        try
        {
            Directory.CreateDirectory(directory);
            return new FileStream(Path.Combine(directory, "run.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception) when (ExclusiveFile.IsHeldByAnother(exception))
        {
            throw new InvalidOperationException($"Another run is using Checkpoints.Directory '{directory}'; every run needs one of its own.", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"Checkpoints.Directory '{directory}' cannot be used: {exception.Message}", exception);
        }
    }

    private static bool IsDamage(Exception exception) => exception is InvalidDataException or FileNotFoundException;

    private static RunState? TryReadState(CheckpointOptions options, string checkpoint)
    {
        try
        {
            return ReadState(options, checkpoint);
        }
        catch (Exception exception) when (IsDamage(exception))
        {
            // Resume says so, where it comes to this checkpoint.
            return null;
        }
    }

    private static RunState ReadState(CheckpointOptions options, string checkpoint)
    {
        var store = options.OpenStore(checkpoint);
        using var content = new MemoryStream();
        return store.TryRead(StateFile, stream => stream.CopyTo(content))
            ? RunState.FromJson(content.ToArray(), store.Describe(StateFile))
            : throw new FileNotFoundException($"{store.Describe(StateFile)} is missing.");
    }

    private List<string> BestFiles() => Directory.EnumerateFiles(directory, BestPrefix + "*").ToList();

    private void Read(string from, string name, Action<Stream, string> read)
    {
        var store = options.OpenStore(from);
        if (!store.TryRead(name, stream => read(stream, store.Describe(name))))
        {
            throw new FileNotFoundException($"{store.Describe(name)} is missing.");
        }
    }

    private void WriteDirectory(string target, RunState state, RunWeights weights)
    {
        var staging = Path.Combine(directory, $"{UnfinishedPrefix}{Path.GetFileName(target)}");
        try
        {
            var store = options.OpenStore(staging);
            store.Write(WeightsFile, weights.Write);
            store.Write(StateFile, stream => stream.Write(state.ToJson()));
            Directory.Move(staging, target);
        }
        finally
        {
            if (Directory.Exists(staging))
            {
                Directory.Delete(staging, recursive: true);
            }
        }
    }

    private void Prune(RunState state)
    {
        var checkpoints = Newest(directory);
        checkpoints.Skip(options.KeepLast).ToList().ForEach(checkpoint => Directory.Delete(checkpoint, recursive: true));
        var needed = checkpoints.Take(options.KeepLast).Select(checkpoint => TryReadState(options, checkpoint)?.BestStep).Append(state.BestStep)
            .OfType<long>().Select(BestName).ToHashSet();
        BestFiles().Where(file => !needed.Contains(Path.GetFileName(file))).ToList().ForEach(File.Delete);
    }
}
