using MLNetLlm.Models;
using Spectre.Console;

namespace Samples;

/// <summary>A conversation in the terminal: a line for each turn, replies as they are written.</summary>
internal static class ChatLoop
{
    private const string Quit = "/quit";
    private const string StartAnew = "/new";

    /// <summary>Goes on until the input ends or says so.</summary>
    public static async Task RunAsync(ChatSession session, string templateName, IAnsiConsole console, CancellationToken cancellation)
    {
        console.WriteLine();
        console.MarkupLineInterpolated($"[bold]Chat[/] ({templateName}). {StartAnew} forgets the conversation, {Quit} ends it.");
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
}
