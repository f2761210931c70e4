using System.Diagnostics;
using System.Text.Json;

namespace MLNetLlm.Benchmarks;

/// <summary>Runs this program as a process of its own, whose time and memory are nobody else's.</summary>
internal static class ChildProcess
{
    /// <summary>Runs it with the given arguments and returns the JSON object that it prints last.</summary>
    public static T Run<T>(params string[] arguments)
    {
        var program = Environment.ProcessPath!;
        string[] self = Path.GetFileNameWithoutExtension(program) == "dotnet" ? [typeof(ChildProcess).Assembly.Location] : [];
        var start = new ProcessStartInfo(program, [.. self, .. arguments]) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? JsonSerializer.Deserialize<T>(output.TrimEnd().Split('\n')[^1])!
            : throw new InvalidOperationException($"'{string.Join(' ', arguments)}' ended with exit code {process.ExitCode}.");
    }
}
