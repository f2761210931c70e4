using Microsoft.ML.Runtime;
using MLNetLlm.Models;

namespace MLNetLlm.Transforms;

/// <summary>What a transformer around a language model keeps, and what its part of the zip holds: the model and the transformer's settings.</summary>
internal sealed record StoredModel<TSettings>(SharedModel<LanguageModel> Model, TSettings Settings) where TSettings : class
{
    public void Write(ICheckpointStore store)
    {
        ComponentSettings.Write(store, Settings);
        Model.Value.Write(store);
    }

    public static StoredModel<TSettings> Read(IHostEnvironment environment, ICheckpointStore store)
    {
        var settings = ComponentSettings.Read<TSettings>(store);
        return new(new(LanguageModel.Read(store, Precision.Auto, EnvironmentDevice.Select(environment)), owned: true), settings);
    }
}
