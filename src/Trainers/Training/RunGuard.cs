using MLNetLlm.Transforms;
using Microsoft.ML.Runtime;

namespace MLNetLlm.Trainers;

/// <summary>Watches for cancellation, by token or by the ML.NET environment, and sees to it that the model so far is not lost.</summary>
internal sealed class RunGuard(IHost host, TrainingOptions options)
{
    public void ThrowIfCanceled(long step, Action<string> save)
    {
        if (options.CancellationToken.IsCancellationRequested || MLEnvironment.IsCanceled(host))
        {
            throw new TrainingCanceledException(step, Save(save), options.CancellationToken);
        }
    }

    /// <summary>Saves to the checkpoint directory, else to a new temporary one; returns where.</summary>
    public string Save(Action<string> save)
    {
        var directory = options.CheckpointDirectory ?? Directory.CreateTempSubdirectory("mlnetllm-interrupted-").FullName;
        save(directory);
        return directory;
    }
}
