using System.Diagnostics;
using System.Reflection;

namespace SpamFilter;

/// <summary>Starts this program again, as a process that has seen nothing of the training.</summary>
internal static class FreshProcess
{
    /// <summary>Runs <c>predict</c> on a saved filter; the new process writes to this one's output.</summary>
    /// <exception cref="InvalidOperationException">The process failed.</exception>
    public static async Task PredictAsync(string modelFile, IEnumerable<string> texts, CancellationToken cancellation)
    {
        var start = Itself();
        foreach (var argument in (string[])["predict", "--model", modelFile, "--", .. texts])
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start) ?? throw new InvalidOperationException($"'{start.FileName}' could not be started.");
        try
        {
            await process.WaitForExitAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"The fresh process could not predict with '{modelFile}': exit code {process.ExitCode}.");
        }
    }

    private static ProcessStartInfo Itself()
    {
        var program = Environment.ProcessPath ?? throw new InvalidOperationException("The path of this program is not known.");
        var start = new ProcessStartInfo(program) { UseShellExecute = false };
        if (Path.GetFileNameWithoutExtension(program).Equals("dotnet", StringComparison.OrdinalIgnoreCase))
        {
            start.ArgumentList.Add(Assembly.GetExecutingAssembly().Location);
        }

        return start;
    }
}
