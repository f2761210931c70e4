using MLNetLlm.Transforms;
using Microsoft.ML.Runtime;

namespace MLNetLlm.Trainers;

/// <summary>
/// Watches for what ends a run between two steps, cancellation (by token or by the ML.NET environment) and reports that cannot be
/// written, and knows where the model so far goes.
/// </summary>
internal sealed class RunGuard(IHost host, TrainingOptions options)
{
    public bool IsCanceled => options.CancellationToken.IsCancellationRequested || MLEnvironment.IsCanceled(host);

    /// <summary>Why a report could not be written; <see langword="null"/> as long as all could.</summary>
    public IOException? ReportFailure { get; private set; }

    /// <summary>Tells how the run goes, until that fails.</summary>
    public void Report(TrainingProgress progress)
    {
        try
        {
            if (ReportFailure is null)
            {
                options.Progress?.Report(progress);
            }
        }
        catch (IOException exception)
        {
            // It ends the run when the step is complete, validation included, so that the run can be kept and taken up again.
            ReportFailure = exception;
        }
    }

    /// <summary>Saves to the checkpoint directory, else to a new temporary one; returns where.</summary>
    public string Save(Action<string> save)
    {
        var directory = ModelDirectory(options.Checkpoints) ?? Directory.CreateTempSubdirectory("mlnetllm-interrupted-").FullName;
        save(directory);
        return directory;
    }

    /// <summary>Where a run that is kept on disk has its best model.</summary>
    public static string? ModelDirectory(CheckpointOptions checkpoints) =>
        checkpoints.Directory is { } directory ? Path.Combine(directory, "model") : null;
}
