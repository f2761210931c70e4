using Spectre.Console;

namespace Samples;

/// <summary>The two streams of a program, as consoles.</summary>
internal static class Terminal
{
    /// <summary>Where there is no terminal, nothing is gained by breaking lines early.</summary>
    private const int RedirectedWidth = 160;

    public static IAnsiConsole Output() => Console.IsOutputRedirected ? Create(Console.Out, isRedirected: true) : AnsiConsole.Console;

    public static IAnsiConsole Errors() => Create(Console.Error, Console.IsErrorRedirected);

    private static IAnsiConsole Create(TextWriter writer, bool isRedirected)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = isRedirected ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = isRedirected ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
        });
        if (isRedirected)
        {
            console.Profile.Width = RedirectedWidth;
        }

        return console;
    }
}
