using Microsoft.ML.Runtime;
using MLNetLlm.Models;

namespace MLNetLlm.Transforms;

/// <summary>Where a component gets its language model from: the caller, or a checkpoint.</summary>
/// <param name="LanguageModel">A model that stays the caller's.</param>
/// <param name="Checkpoint">A directory, or a name on the model hub, to load one from.</param>
/// <param name="Precision">Of a loaded one.</param>
/// <param name="Device">Of a loaded one; null follows the environment.</param>
internal sealed record ModelSource(LanguageModel? LanguageModel, string? Checkpoint, Precision Precision, string? Device)
{
    /// <summary>Checks that there is one source, before anything is downloaded or loaded.</summary>
    public void Validate()
    {
        if ((LanguageModel is null) == (Checkpoint is null))
            throw new ArgumentException("Give either LanguageModel or Checkpoint.", nameof(LanguageModel));
        if (Checkpoint is not null && !ModelHub.IsNameOrDirectory(Checkpoint))
            throw new ArgumentException($"Checkpoint '{Checkpoint}' is neither a directory nor a name on the model hub.", nameof(Checkpoint));
    }

    /// <summary>Loads the checkpoint; a model on the hub is downloaded unless it is in the cache, by the settings of the process's environment.</summary>
    /// <returns>The model, which is the caller's.</returns>
    public LanguageModel Load(IHostEnvironment environment, CancellationToken cancellationToken = default) =>
        Load(environment, new HubOptions(), progress: null, cancellationToken);

    /// <inheritdoc cref="Load(IHostEnvironment, CancellationToken)"/>
    /// <param name="environment">Gets a line for each file that is downloaded.</param>
    /// <param name="hub">Where models come from and are kept.</param>
    /// <param name="progress">Gets all reports of a download.</param>
    /// <param name="cancellationToken">Ends a download.</param>
    public LanguageModel Load(IHostEnvironment environment, HubOptions hub, IProgress<HubProgress>? progress, CancellationToken cancellationToken)
    {
        // What is asked for but not there is said before anything is downloaded.
        string? device = Device ?? EnvironmentDevice.Name(environment);
        using IChannel channel = environment.Start("Checkpoint");
        string directory = ModelHub.Resolve(Checkpoint!, hub, new DownloadLog(channel, progress), cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        return LanguageModel.Load(directory, Precision, device);
    }

    /// <summary>Makes a transformer of the model; a model that was loaded for it is disposed where that fails.</summary>
    public T Use<T>(IHostEnvironment environment, Func<SharedModel<LanguageModel>, T> create)
    {
        if (LanguageModel is not null)
            return create(new SharedModel<LanguageModel>(LanguageModel, owned: false));
        LanguageModel loaded = Load(environment);
        try
        {
            return create(new SharedModel<LanguageModel>(loaded, owned: true));
        }
        catch
        {
            loaded.Dispose();
            throw;
        }
    }

    /// <summary>Says in the log which files were downloaded, and hands every report on.</summary>
    private sealed class DownloadLog(IChannel channel, IProgress<HubProgress>? next) : IProgress<HubProgress>
    {
        public void Report(HubProgress value)
        {
            if (value.BytesDone == value.BytesTotal)
            {
                lock (channel)
                    channel.Info($"downloaded '{value.File}', {value.BytesTotal} bytes");
            }
            next?.Report(value);
        }
    }
}
