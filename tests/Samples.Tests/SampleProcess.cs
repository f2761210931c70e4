using System.Diagnostics;

namespace MLNetLlm.Samples.Tests;

/// <summary>A sample as its users start it: a process with arguments, output, errors and an exit code.</summary>
internal sealed record SampleProcess(int ExitCode, string Output, string Errors)
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(4);

    public static Task<SampleProcess> RunAsync(params string[] arguments) => RunAsync(arguments, interruptWhenSeen: null);

    /// <summary>Runs a sample with something to read; as soon as a line with <paramref name="interruptWhenSeen"/> comes out, sends what Ctrl+C sends.</summary>
    public static async Task<SampleProcess> RunAsync(string[] arguments, string? interruptWhenSeen, string sample = "SpamFilter", string input = "")
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, $"{sample}.dll"));
        Array.ForEach(arguments, start.ArgumentList.Add);
        start.Environment["OMP_NUM_THREADS"] = "1";
        using var process = Process.Start(start)!;
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        using var limit = new CancellationTokenSource(Longest);
        var errors = process.StandardError.ReadToEndAsync(limit.Token);
        var output = new List<string>();
        try
        {
            while (await process.StandardOutput.ReadLineAsync(limit.Token) is { } line)
            {
                output.Add(line);
                if (interruptWhenSeen is not null && line.Contains(interruptWhenSeen, StringComparison.Ordinal))
                {
                    interruptWhenSeen = null;
                    Interrupt(process.Id);
                }
            }

            await process.WaitForExitAsync(limit.Token);
            return new SampleProcess(process.ExitCode, string.Join('\n', output), await errors);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"The sample ran longer than {Longest}. Its output:\n{string.Join('\n', output)}");
        }
    }

    private static void Interrupt(int processId)
    {
        using var kill = Process.Start("kill", ["-INT", processId.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }
}
