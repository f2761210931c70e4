using Microsoft.ML;
using MLNetLlm.Transforms;

namespace Samples;

/// <summary>Loads what <c>ml.Model.Save</c> has written; every error names the file.</summary>
internal static class SavedModel
{
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, or no model of ML.NET.</exception>
    public static ITransformer Load(MLContext ml, string file)
    {
        if (!File.Exists(file))
        {
            throw new FileNotFoundException($"--model names '{file}', but there is no such file.");
        }

        try
        {
            return ml.Model.Load(file, out _);
        }
        catch (Exception exception) when (exception is FormatException or InvalidDataException or InvalidOperationException)
        {
            // ML.NET says what is wrong, but not with which file.
            throw new InvalidDataException($"{file}: {exception.Message}", exception);
        }
    }

    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is no model that answers instructions.</exception>
    public static InstructionTransformer LoadAssistant(string file)
    {
        var loaded = Load(new MLContext(), file);
        // ML.NET wraps a single transformer in a chain when it loads it.
        return loaded as InstructionTransformer
            ?? (loaded as IEnumerable<ITransformer>)?.OfType<InstructionTransformer>().FirstOrDefault()
            ?? throw new InvalidDataException($"{file} holds no model that answers instructions.");
    }
}
