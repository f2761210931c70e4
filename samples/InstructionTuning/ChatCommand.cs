using Microsoft.ML;
using MLNetLlm.Models;
using MLNetLlm.Transforms;
using Spectre.Console;

namespace InstructionTuning;

/// <summary><c>chat</c>: a conversation in the terminal, with a model of which nothing is known but its file.</summary>
internal static class ChatCommand
{
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is no model that answers instructions.</exception>
    public static async Task RunAsync(string modelFile, string? systemPrompt, IAnsiConsole console, CancellationToken cancellation)
    {
        if (!File.Exists(modelFile))
        {
            throw new FileNotFoundException($"--model names '{modelFile}', but there is no such file.");
        }

        using var model = Load(modelFile);
        await RunAsync(model, systemPrompt, console, cancellation);
    }

    public static Task RunAsync(InstructionTransformer model, string? systemPrompt, IAnsiConsole console, CancellationToken cancellation) =>
        ChatLoop.RunAsync(model.StartChat(new ChatSessionOptions { SystemPrompt = systemPrompt }), model.Template.Name, console, cancellation);

    private static InstructionTransformer Load(string modelFile)
    {
        ITransformer loaded;
        try
        {
            loaded = new MLContext().Model.Load(modelFile, out _);
        }
        catch (Exception exception) when (exception is FormatException or InvalidDataException or InvalidOperationException)
        {
            // ML.NET says what is wrong, but not with which file.
            throw new InvalidDataException($"{modelFile}: {exception.Message}", exception);
        }

        // ML.NET wraps a single transformer in a chain when it loads it.
        var transformer = loaded as InstructionTransformer
            ?? (loaded as IEnumerable<ITransformer>)?.OfType<InstructionTransformer>().FirstOrDefault();
        return transformer ?? throw new InvalidDataException($"{modelFile} holds no model that answers instructions.");
    }
}
