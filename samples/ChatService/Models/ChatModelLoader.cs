using Microsoft.ML;
using MLNetLlm.Models;
using MLNetLlm.Transforms;

namespace ChatService;

/// <summary>Reads the chat model that settings name.</summary>
internal static class ChatModelLoader
{
    private const string ZipExtension = ".zip";

    /// <exception cref="IOException">A file is missing.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or holds another kind of model.</exception>
    /// <exception cref="ArgumentException">The template does not fit the model.</exception>
    public static ChatModel Load(string path, ServiceSettings settings)
    {
        var (model, template) = path.EndsWith(ZipExtension, StringComparison.OrdinalIgnoreCase)
            ? FromZip(path)
            : (LanguageModel.Load(ModelHub.Resolve(path)), ChatTemplates.Of(settings.Template));
        try
        {
            return new ChatModel(model, template, settings);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private static (LanguageModel Model, ChatTemplate Template) FromZip(string path)
    {
        var loaded = new MLContext().Model.Load(path, out _);
        // ML.NET wraps a single transformer in a chain when it loads it.
        var transformer = loaded as InstructionTransformer ?? (loaded as IEnumerable<ITransformer>)?.OfType<InstructionTransformer>().FirstOrDefault();
        return transformer is not null
            ? (transformer.LanguageModel, transformer.Template)
            : throw new InvalidDataException($"{path} holds no model that answers instructions.");
    }
}
