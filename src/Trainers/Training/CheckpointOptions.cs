using MLNetLlm.Models;

namespace MLNetLlm.Trainers;

/// <summary>How a run is kept on disk, so that it survives a crash and a later call goes on with it.</summary>
/// <remarks>
/// <see cref="Directory"/> holds <c>model</c>, the best model so far as an ordinary checkpoint directory, and
/// <c>step-…</c>, from which the same <c>Fit</c> goes on. On a processor it then ends with the same weights, bit for bit, as a
/// run that was never interrupted, if it has the same number of threads.
/// </remarks>
public sealed record CheckpointOptions
{
    /// <summary>
    /// Directory of this one run; <see langword="null"/> writes nothing, except, when a run is cancelled or diverges, the model
    /// so far into a new folder below the temporary folder.
    /// </summary>
    [MayDifferOnResume]
    public string? Directory { get; init; }

    /// <summary>Optimizer steps between two checkpoints; 0 counts no steps.</summary>
    [MayDifferOnResume]
    public int EverySteps { get; init; }

    /// <summary>Time between two checkpoints; <see langword="null"/> watches no clock.</summary>
    [MayDifferOnResume]
    public TimeSpan? Every { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Checkpoints kept, newest first; at least 1.</summary>
    [MayDifferOnResume]
    public int KeepLast { get; init; } = 2;

    /// <summary>
    /// Whether to go on with the run that the directory holds. It must be the same run: with other settings, another tokenizer or
    /// other data it is refused. <see langword="false"/> starts anew and deletes the run that is there.
    /// </summary>
    [MayDifferOnResume]
    public bool Resume { get; init; } = true;

    /// <summary>How files are written; tests make it fail.</summary>
    internal Func<string, ICheckpointStore> OpenStore { get; init; } = directory => new DirectoryCheckpointStore(directory);

    internal void Validate()
    {
        const string group = nameof(TrainingOptions.Checkpoints);
        Setting.AtLeast(0, EverySteps, $"{group}.{nameof(EverySteps)}");
        Setting.AtLeast(1, KeepLast, $"{group}.{nameof(KeepLast)}");
        Setting.Positive(Every?.TotalSeconds ?? 1, $"{group}.{nameof(Every)}");
        if (Directory is not null && string.IsNullOrWhiteSpace(Directory))
        {
            throw new ArgumentException($"{group}.{nameof(Directory)} must be a path or null, but is empty.", $"{group}.{nameof(Directory)}");
        }
    }
}
