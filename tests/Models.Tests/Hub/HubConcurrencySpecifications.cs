namespace MLNetLlm.Models.Tests.Hub;

/// <summary>Several clients ask for one model at once; a file is downloaded once, and all get the same snapshot.</summary>
public sealed class HubConcurrencySpecifications : IDisposable
{
    private static readonly string[] Usual = ["config.json", "tokenizer.json", FakeHub.Weights];

    private readonly FakeHub hub = new();

    public HubConcurrencySpecifications() =>
        hub.Fault = request => request.IsDownloadOf(FakeHub.Weights) ? hub.AnswerFile(request, FakeHub.Weights) with { SlowPieces = 20 } : null;

    public void Dispose() => hub.Dispose();

    [Fact]
    public async Task ClientsOfOneProcess()
    {
        var directories = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => ModelHub.DownloadAsync(FakeHub.Name, hub.Options))));
        AssertOnce(directories);
    }

    [Fact]
    public async Task ClientsOfSeveralProcesses() =>
        AssertOnce(await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => HubProcess.DownloadAsync(hub.Options, FakeHub.Name))));

    [Fact]
    public async Task AProcessThatDiesLeavesNoLockAndAResumablePart()
    {
        hub.Fault = request => request.IsDownloadOf(FakeHub.Weights) ? hub.AnswerFile(request, FakeHub.Weights) with { StallAfter = 50_000 } : null;
        using (var process = HubProcess.Start(hub.Options, FakeHub.Name))
        {
            while (!File.Exists(hub.PartialPath(FakeHub.Weights)) || new FileInfo(hub.PartialPath(FakeHub.Weights)).Length < 50_000)
            {
                Assert.False(process.HasExited);
                await Task.Delay(10);
            }

            process.Kill();
            await process.WaitForExitAsync();
        }

        hub.Fault = null;
        hub.AssertComplete(await ModelHub.DownloadAsync(FakeHub.Name, hub.Options), Usual);
        Assert.Equal([null, 50_000], hub.DownloadsOf(FakeHub.Weights).Select(request => request.RangeStart));
    }

    [SkippableFact]
    public async Task TheLockIsOneThatOtherToolsSee()
    {
        Skip.IfNot(File.Exists("/usr/bin/flock"), "There is no program 'flock' on this machine.");
        hub.Fault = request => request.IsDownloadOf(FakeHub.Weights) ? hub.AnswerFile(request, FakeHub.Weights) with { StallAfter = 50_000 } : null;
        using var cancellation = new CancellationTokenSource();
        var downloading = ModelHub.DownloadAsync(FakeHub.Name, hub.Options, null, cancellation.Token);
        while (!hub.DownloadsOf(FakeHub.Weights).Any())
        {
            await Task.Delay(10);
        }

        var path = Path.Combine(hub.CacheDirectory, ".locks", "models--org--tiny", FakeHub.EtagOf(FakeHub.Weights, hub.Files[FakeHub.Weights]) + ".lock");
        Assert.Equal(1, await TryLock(path));
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => downloading);
        Assert.Equal(0, await TryLock(path));
    }

    [Fact]
    public async Task WaitingForAnotherClientCanBeCancelled()
    {
        hub.Fault = request => request.IsDownloadOf(FakeHub.Weights) ? hub.AnswerFile(request, FakeHub.Weights) with { StallAfter = 50_000 } : null;
        using var first = new CancellationTokenSource();
        using var second = new CancellationTokenSource();
        var downloading = ModelHub.DownloadAsync(FakeHub.Name, hub.Options, null, first.Token);
        while (!hub.DownloadsOf(FakeHub.Weights).Any())
        {
            await Task.Delay(10);
        }

        var waiting = ModelHub.DownloadAsync(FakeHub.Name, hub.Options, null, second.Token);
        second.CancelAfter(TimeSpan.FromMilliseconds(200));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.Single(hub.DownloadsOf(FakeHub.Weights));
        await first.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => downloading);
    }

    private static async Task<int> TryLock(string path)
    {
        using var process = System.Diagnostics.Process.Start("/usr/bin/flock", ["--nonblock", path, "true"]);
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    private void AssertOnce(string[] directories)
    {
        Assert.All(directories, directory => hub.AssertComplete(directory, Usual));
        Assert.All(Usual, file => Assert.Single(hub.DownloadsOf(file)));
    }
}
