using System.Diagnostics;
using System.Text.Json;

namespace MLNetLlm.ChatService.Tests;

/// <summary>The load program as its users start it, though briefly. How fast things were is no matter of tests.</summary>
[Collection(nameof(ServiceCollection))]
public sealed class LoadProgramTests(ServiceFixture fixture)
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task It_starts_the_service_measures_it_and_stops_it()
    {
        var directory = Directory.CreateTempSubdirectory("mlnetllm-load-");
        try
        {
            var file = Path.Combine(directory.FullName, "load.json");
            var (exitCode, output) = await RunAsync(
                "--model", fixture.Models.Checkpoint, "--spam", fixture.Models.SpamZip, "--minutes", "0.1", "--spam-clients", "4", "--chats", "3",
                "--tokens", "8", "--output", file);

            Assert.Equal(0, exitCode);
            Assert.Contains("times the tokens/s of one at a time", output, StringComparison.Ordinal);
            var report = JsonDocument.Parse(await File.ReadAllTextAsync(file)).RootElement;
            Assert.Equal(0, report.GetProperty("errors").GetInt32());
            Assert.True(report.GetProperty("batchingGain").GetDouble() >= 0);
            Assert.True(report.GetProperty("spam").GetProperty("requests").GetInt32() > 0);
            Assert.True(report.GetProperty("chat").GetProperty("tokensPerSecond").GetDouble() > 0);
            Assert.True(report.GetProperty("memory").GetProperty("end").GetDouble() > 10);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task A_wrong_option_is_named()
    {
        var (exitCode, output) = await RunAsync("--chats", "0");

        Assert.Equal(1, exitCode);
        Assert.Contains("--chats must be above 0", output, StringComparison.Ordinal);
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "ChatService.Load.dll"));
        Array.ForEach(arguments, start.ArgumentList.Add);
        start.Environment["OMP_NUM_THREADS"] = "1";
        using var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(Longest);
        try
        {
            var errors = process.StandardError.ReadToEndAsync(limit.Token);
            var output = await process.StandardOutput.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return (process.ExitCode, output + await errors);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }
}
