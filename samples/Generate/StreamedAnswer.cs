using System.Diagnostics;
using System.Globalization;
using MLNetLlm.Models;
using Spectre.Console;

namespace Generate;

/// <summary>Writes a text as it comes, and afterwards how fast it came.</summary>
internal sealed class StreamedAnswer(IAnsiConsole notes)
{
    /// <exception cref="OperationCanceledException">The user stopped it; the message says after how many tokens.</exception>
    public async Task WriteAsync(IAsyncEnumerable<GeneratedChunk> chunks, CancellationToken cancellation)
    {
        var start = Stopwatch.GetTimestamp();
        TimeSpan? first = null;
        GeneratedChunk? last = null;
        try
        {
            await foreach (var chunk in chunks)
            {
                first ??= Stopwatch.GetElapsedTime(start);
                Console.Out.Write(Console.IsOutputRedirected ? chunk.Text : Visible(chunk.Text));
                Console.Out.Flush();
                last = chunk;
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            Console.Out.WriteLine();
            throw new OperationCanceledException($"stopped after {last?.NewTokens ?? 0} tokens");
        }

        Console.Out.WriteLine();
        if (last is not null)
        {
            Describe(last, first!.Value, Stopwatch.GetElapsedTime(start));
        }
    }

    private void Describe(GeneratedChunk last, TimeSpan first, TimeSpan all)
    {
        var dropped = last.DroppedPromptTokens > 0 ? $", {last.DroppedPromptTokens} more did not fit" : "";
        var speed = last.NewTokens > 1 ? (last.NewTokens - 1) / (all - first).TotalSeconds : 0;
        notes.Write(new Text(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{last.NewTokens} tokens at {speed:0.0} tokens/s; the first after {first.TotalMilliseconds:0} ms; prompt of {last.PromptTokens} tokens{dropped}; ended by {Reason(last)}\n"),
            new Style(Color.Grey)));
    }

    private static string Reason(GeneratedChunk last) => last.FinishReason switch
    {
        FinishReason.Length => "--max-tokens",
        FinishReason.StopToken => "the model",
        FinishReason.StopString => "a stop string",
        FinishReason.ContextOverflow => "the end of the context",
        _ => "the program",
    };

    // What a model writes must not steer the terminal.
    private static string Visible(string text) =>
        string.Concat(text.Select(character => char.IsControl(character) && character is not ('\n' or '\t') ? '\uFFFD' : character));
}
