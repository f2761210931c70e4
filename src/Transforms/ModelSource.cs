using Microsoft.ML.Runtime;
using MLNetLlm.Models;

namespace MLNetLlm.Transforms;

/// <summary>Where a transform gets its language model from: the caller, or a checkpoint.</summary>
/// <param name="LanguageModel">A model that stays the caller's.</param>
/// <param name="CheckpointDirectory">A directory to load one from.</param>
/// <param name="Precision">Of a loaded one.</param>
/// <param name="Device">Of a loaded one; null follows the environment.</param>
internal sealed record ModelSource(LanguageModel? LanguageModel, string? CheckpointDirectory, Precision Precision, string? Device)
{
    /// <summary>Checks that there is one source, before anything is loaded.</summary>
    public void Validate()
    {
        if ((LanguageModel is null) == (CheckpointDirectory is null))
            throw new ArgumentException("Give either LanguageModel or CheckpointDirectory.", nameof(LanguageModel));
        if (CheckpointDirectory is not null && !Directory.Exists(CheckpointDirectory))
            throw new ArgumentException($"CheckpointDirectory '{CheckpointDirectory}' does not exist.", nameof(CheckpointDirectory));
    }

    /// <summary>Makes a transformer of the model; a model that was loaded for it is disposed where that fails.</summary>
    public T Use<T>(IHostEnvironment environment, Func<SharedModel<LanguageModel>, T> create)
    {
        if (LanguageModel is not null)
            return create(new SharedModel<LanguageModel>(LanguageModel, owned: false));
        LanguageModel loaded = LanguageModel.Load(CheckpointDirectory!, Precision, Device ?? EnvironmentDevice.Name(environment));
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
}
