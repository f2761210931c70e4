using Spectre.Console;

namespace Samples;

/// <summary>Runs a command so that what goes wrong becomes one line on the error stream and an exit code.</summary>
internal static class Shell
{
    private const int Success = 0;
    private const int Failure = 1;
    private const int Interrupted = 130;

    public static Task<int> RunAsync(Func<IAnsiConsole, Task> command) => Task.Run(async () =>
    {
        try
        {
            await command(Terminal.Output());
            return Success;
        }
        catch (OperationCanceledException exception)
        {
            return Fail(exception, Interrupted);
        }
        catch (Exception exception) when (IsForTheUser(exception))
        {
            return Fail(exception, Failure);
        }
    });

    /// <summary>Mistakes in the program itself are none of the user's: they end it with a stack trace.</summary>
    private static bool IsForTheUser(Exception exception) =>
        exception is IOException or UnauthorizedAccessException or InvalidDataException or ArgumentException or InvalidOperationException
            or FormatException or NotSupportedException;

    private static int Fail(Exception exception, int exitCode)
    {
        Console.Error.WriteLine($"{(exitCode == Interrupted ? "canceled" : "error")}: {exception.Message.ReplaceLineEndings(" ")}");
        return exitCode;
    }
}
