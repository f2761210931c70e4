using System.Diagnostics;
using System.Text;

namespace MLNetLlm.Samples.Tests;

/// <summary>A sample as its users start it: a process with arguments, output, errors and an exit code.</summary>
internal sealed record SampleProcess(int ExitCode, string Output, string Errors)
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(4);

    public static Task<SampleProcess> RunAsync(params string[] arguments) => RunAsync(arguments, interruptWhenSeen: null);

    /// <summary>Runs a sample with something to read; as soon as <paramref name="interruptWhenSeen"/> has come out, sends what Ctrl+C sends.</summary>
    public static async Task<SampleProcess> RunAsync(
        string[] arguments, string? interruptWhenSeen, string sample = "SpamFilter", string input = "",
        string? directory = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, $"{sample}.dll"));
        Array.ForEach(arguments, start.ArgumentList.Add);
        start.WorkingDirectory = directory ?? "";
        start.Environment["OMP_NUM_THREADS"] = "1";
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        using var limit = new CancellationTokenSource(Longest);
        var errors = process.StandardError.ReadToEndAsync(limit.Token);
        var output = new StringBuilder();
        var piece = new char[1024];
        try
        {
            while (await process.StandardOutput.ReadAsync(piece, limit.Token) is > 0 and var count)
            {
                output.Append(piece, 0, count);
                if (interruptWhenSeen is not null && output.ToString().Contains(interruptWhenSeen, StringComparison.Ordinal))
                {
                    interruptWhenSeen = null;
                    Interrupt(process.Id);
                }
            }

            await process.WaitForExitAsync(limit.Token);
            return new SampleProcess(process.ExitCode, Text(), await errors);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"The sample ran longer than {Longest}. Its output:\n{Text()}");
        }

        string Text() => output.ToString().ReplaceLineEndings("\n").TrimEnd('\n');
    }

    private static void Interrupt(int processId)
    {
        using var kill = Process.Start("kill", ["-INT", processId.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }
}
