using System.Diagnostics;
using System.Globalization;

namespace MLNetLlm.ChatService.Tests;

/// <summary>The service as a process of its own is told to stop, as process managers do it, while it writes a text.</summary>
[Collection(nameof(ServiceCollection))]
public sealed class TerminationTests(ServiceFixture fixture)
{
    private const string Ready = "Ready: ";
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    [SkippableFact]
    public async Task With_time_enough_the_text_is_written_to_its_end()
    {
        var (events, exitCode) = await TerminateMidStreamAsync("00:01:00");

        Assert.Contains("\"finish_reason\":\"length\"", events[^2], StringComparison.Ordinal);
        Assert.Equal(Events.Done, events[^1]);
        Assert.Equal(0, exitCode);
    }

    [SkippableFact]
    public async Task Without_time_the_stream_ends_with_an_error_that_says_why()
    {
        var (events, exitCode) = await TerminateMidStreamAsync("00:00:00");

        Assert.Contains("\"code\":\"shutting_down\"", events[^2], StringComparison.Ordinal);
        Assert.Equal(Events.Done, events[^1]);
        Assert.Equal(0, exitCode);
    }

    private async Task<(List<string> Events, int ExitCode)> TerminateMidStreamAsync(string stopTimeout)
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has no SIGTERM.");
        using var limit = new CancellationTokenSource(Longest);
        using var process = Start(stopTimeout);
        try
        {
            var address = await AddressAsync(process, limit.Token);
            using var http = new HttpClient { BaseAddress = new Uri(address) };
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
            {
                Content = System.Net.Http.Json.JsonContent.Create(RunningService.Chat(TinyModels.LongText, stream: true)),
            };
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            var events = new List<string>();
            await foreach (var data in Events.ReadAsync(response, limit.Token))
            {
                events.Add(data);
                if (events.Count == 3)
                {
                    Terminate(process.Id);
                }
            }

            await process.WaitForExitAsync(limit.Token);
            return (events, process.ExitCode);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    private Process Start(string stopTimeout)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
        foreach (var argument in new[]
        {
            Path.Combine(AppContext.BaseDirectory, "ChatService.dll"), "--model", fixture.Models.Checkpoint, "--spam", fixture.Models.SpamZip,
            "--name", RunningService.ModelId, "--urls", "http://127.0.0.1:0",
        })
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["LanguageModel__StopTimeout"] = stopTimeout;
        start.Environment["LanguageModel__MaximumOutputTokens"] = TinyModels.LongText.ToString(CultureInfo.InvariantCulture);
        start.Environment["OMP_NUM_THREADS"] = "1";
        return Process.Start(start)!;
    }

    private static async Task<string> AddressAsync(Process process, CancellationToken cancellation)
    {
        while (await process.StandardOutput.ReadLineAsync(cancellation) is { } line)
        {
            if (line.StartsWith(Ready, StringComparison.Ordinal))
            {
                return line[Ready.Length..];
            }
        }

        throw new InvalidOperationException("The service ended without getting ready.");
    }

    private static void Terminate(int processId)
    {
        using var kill = Process.Start("kill", ["-TERM", processId.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }
}
