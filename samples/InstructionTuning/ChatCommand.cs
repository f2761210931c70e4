using MLNetLlm.Models;
using MLNetLlm.Transforms;
using Samples;
using Spectre.Console;

namespace InstructionTuning;

/// <summary><c>chat</c>: a conversation in the terminal, with a model of which nothing is known but its file.</summary>
internal static class ChatCommand
{
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is no model that answers instructions.</exception>
    public static async Task RunAsync(string modelFile, string? systemPrompt, IAnsiConsole console, CancellationToken cancellation)
    {
        using var model = SavedModel.LoadAssistant(modelFile);
        await RunAsync(model, systemPrompt, console, cancellation);
    }

    public static Task RunAsync(InstructionTransformer model, string? systemPrompt, IAnsiConsole console, CancellationToken cancellation) =>
        ChatLoop.RunAsync(model.StartChat(new ChatSessionOptions { SystemPrompt = systemPrompt }), model.Template.Name, console, cancellation);
}
