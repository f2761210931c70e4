using MLNetLlm.Transforms;
using Microsoft.ML.Runtime;

namespace MLNetLlm.Trainers;

/// <summary>Watches for cancellation, by token or by the ML.NET environment, and knows where the model so far goes.</summary>
internal sealed class RunGuard(IHost host, TrainingOptions options)
{
    public bool IsCanceled => options.CancellationToken.IsCancellationRequested || MLEnvironment.IsCanceled(host);

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
