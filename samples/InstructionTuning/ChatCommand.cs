using Microsoft.ML;
using MLNetLlm.Models;
using MLNetLlm.Transforms;
using Spectre.Console;

namespace InstructionTuning;

/// <summary><c>chat</c>: a conversation in the terminal, with a model of which nothing is known but its file.</summary>
internal static class ChatCommand
{
    private const string Quit = "/quit";
    private const string StartAnew = "/new";

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

    public static async Task RunAsync(InstructionTransformer model, string? systemPrompt, IAnsiConsole console, CancellationToken cancellation)
    {
        var session = model.StartChat(new ChatSessionOptions { SystemPrompt = systemPrompt });
        console.WriteLine();
        console.MarkupLineInterpolated($"[bold]Chat[/] ({model.Template.Name}). {StartAnew} forgets the conversation, {Quit} ends it.");
        while (await ReadAsync(console, cancellation) is { } message && message != Quit)
        {
            if (message == StartAnew)
            {
                session.Clear();
            }
            else if (message.Length > 0)
            {
                await AnswerAsync(session, message, console, cancellation);
            }
        }
    }

    private static async Task AnswerAsync(ChatSession session, string message, IAnsiConsole console, CancellationToken cancellation)
    {
        try
        {
            await foreach (var chunk in session.ReplyStreamingAsync(message, cancellation))
            {
                console.Write(new Text(chunk.Text));
                if (chunk.FinishReason is not null)
                {
                    console.WriteLine(chunk.FinishReason is FinishReason.StopToken or FinishReason.StopString ? "" : " …");
                }

                if (chunk.DroppedTurns.Count > 0)
                {
                    console.MarkupLineInterpolated($"[grey](The context is full; the oldest {chunk.DroppedTurns.Count} turns are forgotten.)[/]");
                }
            }
        }
        catch (ArgumentException exception)
        {
            console.MarkupLineInterpolated($"[yellow]{exception.Message}[/]");
        }
    }

    // The console cannot be asked for a line and be interrupted; whoever waits for it can.
    private static async Task<string?> ReadAsync(IAnsiConsole console, CancellationToken cancellation)
    {
        console.Write("> ");
        return (await Task.Run(Console.ReadLine, cancellation).WaitAsync(cancellation))?.Trim();
    }

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
