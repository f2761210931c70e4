using MLNetLlm.Models;
using MLNetLlm.Services;
using Samples;

namespace ChatService;

/// <summary>Where the chat model comes from: a checkpoint directory, the Hub, or a zip, which knows its template.</summary>
internal static class ChatModelSource
{
    private const string ZipExtension = ".zip";

    /// <summary>What has to be set for a model.</summary>
    /// <exception cref="IOException">A file is missing.</exception>
    /// <exception cref="InvalidDataException">The zip holds another kind of model.</exception>
    /// <exception cref="HubException">The model could not be had from the Hub.</exception>
    public static Action<LanguageModelOptions> Find(string path)
    {
        if (!path.EndsWith(ZipExtension, StringComparison.OrdinalIgnoreCase))
        {
            var directory = ModelHub.Resolve(path);
            return options => options.Directory = directory;
        }

        var transformer = SavedModel.LoadAssistant(path);
        return options =>
        {
            options.Load = _ => transformer.LanguageModel;
            options.Template = null;
            options.CustomTemplate = transformer.Template;
        };
    }
}
