using System.Globalization;

namespace MLNetLlm.Models.Tests.Hub;

/// <summary>What a client does with servers and networks that misbehave.</summary>
public sealed class HubTransferSpecifications : IDisposable
{
    private static readonly string[] Usual = ["config.json", "tokenizer.json", FakeHub.Weights];

    private readonly FakeHub hub = new();

    private byte[] Weights => hub.Files[FakeHub.Weights];

    public void Dispose() => hub.Dispose();

    [Fact]
    public async Task AnInterruptedDownloadResumes()
    {
        hub.LeavePartial(FakeHub.Weights, Weights[..100_000]);
        await AssertDownloads();
        Assert.Equal([100_000], Starts());
    }

    [Fact]
    public async Task ADroppedConnectionResumesWhereItBroke()
    {
        hub.AnswerDownloadsOf(FakeHub.Weights, request => Right(request) with { DropAfter = 70_000 }, request => Right(request) with { DropAfter = 30_000 });
        await AssertDownloads();
        Assert.Equal([null, 70_000, 100_000], Starts());
        Assert.Equal([1, 1], hub.Time.Seconds);
    }

    [Fact]
    public async Task AServerThatIsSilentIsAskedAgain()
    {
        hub.AnswerDownloadsOf(FakeHub.Weights, request => Right(request) with { StallAfter = 50_000 });
        hub.AssertComplete(await ModelHub.DownloadAsync(FakeHub.Name, hub.Options with { StallTimeout = TimeSpan.FromSeconds(2) }), Usual);
        Assert.Equal([null, 50_000], Starts());
    }

    [Fact]
    public async Task AServerThatIsSlowIsWaitedFor()
    {
        hub.AnswerDownloadsOf(FakeHub.Weights, request => Right(request) with { SlowPieces = 10 });
        await AssertDownloads();
        Assert.Equal([null], Starts());
    }

    [Fact]
    public async Task AttemptsEndAndWhatArrivedStays()
    {
        hub.Fault = request => request.IsDownloadOf(FakeHub.Weights) ? Right(request) with { DropAfter = request.RangeStart is null ? 70_000 : 0 } : null;
        var exception = await Fails(hub.Options with { MaximumAttempts = 4 });
        Assert.Equal(HubFailure.Unreachable, exception.Failure);
        Assert.Contains("Given up after 4 attempts", exception.Message);
        Assert.Equal([1, 2, 4], hub.Time.Seconds);
        Assert.Equal(Weights[..70_000], File.ReadAllBytes(hub.PartialPath(FakeHub.Weights)));

        hub.Fault = null;
        await AssertDownloads();
        Assert.Equal(70_000, Starts()[^1]);
    }

    [Fact]
    public async Task AServerErrorIsTriedAgainWithLongerAndLongerPauses()
    {
        var errors = 0;
        hub.Fault = request => request.Path.StartsWith("/api/", StringComparison.Ordinal) && errors++ < 2 ? new(500, []) : null;
        await AssertDownloads();
        Assert.Equal([1, 2], hub.Time.Seconds);
    }

    [Fact]
    public async Task PausesDoNotGrowWithoutEnd()
    {
        hub.Fault = _ => new(502, []);
        var exception = await Fails(hub.Options with { MaximumAttempts = 8 });
        Assert.Contains("502", exception.Message);
        Assert.Equal([1, 2, 4, 8, 16, 30, 30], hub.Time.Seconds);
    }

    [Theory]
    [InlineData("Retry-After", "7", 7)]
    [InlineData("RateLimit", "\"api\";r=0;t=55", 56)]
    public async Task APauseThatTheServerAsksForIsKept(string header, string value, double seconds)
    {
        hub.AnswerDownloadsOf(FakeHub.Weights, _ => new(429, [], (header, value)));
        await AssertDownloads();
        Assert.Equal([seconds], hub.Time.Seconds);
    }

    [Fact]
    public async Task APauseThatIsTooLongIsReported()
    {
        hub.AnswerDownloadsOf(FakeHub.Weights, _ => new(429, [], ("Retry-After", "86400")));
        Assert.Contains("86400 s", (await Fails()).Message);
        Assert.Empty(hub.Time.Seconds);
    }

    [Fact]
    public async Task AnUnsatisfiableRangeRestartsTheFile()
    {
        hub.LeavePartial(FakeHub.Weights, Weights[..100_000]);
        hub.AnswerDownloadsOf(FakeHub.Weights, _ => new(416, []));
        await AssertDownloads();
        Assert.Equal([100_000, null], Starts());
    }

    [Fact]
    public async Task AServerThatDoesNotResumeSendsTheWholeFile()
    {
        hub.LeavePartial(FakeHub.Weights, FakeHub.RandomBytes(9, 100_000));
        hub.AnswerDownloadsOf(FakeHub.Weights, _ => new(200, Weights));
        await AssertDownloads();
    }

    [Fact]
    public async Task ARangeThatBeginsElsewhereRestartsTheFile()
    {
        hub.LeavePartial(FakeHub.Weights, Weights[..100_000]);
        hub.AnswerDownloadsOf(FakeHub.Weights, _ => new(206, Weights[5..], ("Content-Range", $"bytes 5-{Weights.Length - 1}/{Weights.Length}")));
        await AssertDownloads();
        Assert.Equal([100_000, null], Starts());
    }

    [Theory]
    [InlineData(200_000)]
    [InlineData(400_000)]
    public async Task AnAnnouncedLengthThatIsWrongIsRefused(int announced)
    {
        hub.AnswerDownloadsOf(FakeHub.Weights, request => Right(request) with { AnnouncedLength = announced });
        await AssertWrongLength($"{announced}");
        Assert.Single(Starts());
    }

    [Fact]
    public async Task ABodyThatIsTooLongIsRefused()
    {
        hub.AnswerDownloadsOf(FakeHub.Weights, _ => new(200, [.. Weights, 1]) { AnnouncedLength = -1 });
        await AssertWrongLength("at least 300001");
    }

    [Fact]
    public async Task ABodyThatIsAlwaysTooShortIsRefused()
    {
        hub.Fault = request => request.IsDownloadOf(FakeHub.Weights) ? FakeHub.AnswerBytes(request, Weights[..1000]) with { AnnouncedLength = -1 } : null;
        await AssertWrongLength("1000");
    }

    [Theory]
    [InlineData(FakeHub.Weights, "SHA-256")]
    [InlineData("config.json", "git's SHA-1")]
    public async Task WrongBytesAreRefused(string file, string hash)
    {
        byte[] wrong = [.. hub.Files[file]];
        wrong[^2] ^= 1;
        hub.AnswerDownloadsOf(file, _ => new(200, wrong));
        var exception = await Fails();
        Assert.Equal(HubFailure.Damaged, exception.Failure);
        Assert.Contains($"'{file}'", exception.Message);
        Assert.Contains($"expected {hash} {FakeHub.EtagOf(file, hub.Files[file])}", exception.Message);
        Assert.Contains($"found {FakeHub.EtagOf(file, wrong)}", exception.Message);
        Assert.False(File.Exists(hub.PartialPath(file)));
        Assert.False(File.Exists(hub.BlobPath(file)));
        await AssertDownloads();
    }

    [Theory]
    [InlineData(100_000)]
    [InlineData(300_000)]
    [InlineData(300_001)]
    public async Task ADamagedLeftoverCostsOneMoreDownload(int length)
    {
        hub.LeavePartial(FakeHub.Weights, FakeHub.RandomBytes(9, length));
        await AssertDownloads();
        Assert.Null(Starts()[^1]);
    }

    [Fact]
    public async Task ACompleteLeftoverIsNotDownloadedAgain()
    {
        hub.LeavePartial(FakeHub.Weights, Weights);
        await AssertDownloads();
        Assert.Empty(Starts());
    }

    [Fact]
    public async Task AnEmptyFileIsAFile()
    {
        hub.Files["merges.txt"] = [];
        hub.AssertComplete(await ModelHub.DownloadAsync(FakeHub.Name, hub.Options), [.. Usual, "merges.txt"]);
    }

    [Fact]
    public async Task AFileThatChangesWhileItIsDownloadedIsTakenAnew()
    {
        var old = hub.PartialPath(FakeHub.Weights);
        hub.AnswerDownloadsOf(
            FakeHub.Weights,
            request => Right(request) with { DropAfter = 70_000 },
            request =>
            {
                hub.Files[FakeHub.Weights] = FakeHub.RandomBytes(2, 250_000);
                return Right(request);
            });
        await AssertDownloads();
        Assert.Equal([null, 70_000, null], Starts());
        Assert.False(File.Exists(old));
    }

    [Fact]
    public async Task ACommitThatIsNotTheOneAskedForIsRefused()
    {
        hub.Fault = request => request.Method == "HEAD" ? new(200, [1], ("X-Repo-Commit", new string('a', 40)), ("ETag", "\"x\"")) : null;
        Assert.Contains($"expected commit {FakeHub.Commit}", (await Fails()).Message);
    }

    [Fact]
    public async Task CancellingLeavesWhatArrivedAndALaterCallResumes()
    {
        using var cancellation = new CancellationTokenSource();
        hub.AnswerDownloadsOf(FakeHub.Weights, request => Right(request) with { StallAfter = 70_000 });
        var progress = new Reports(report =>
        {
            if (report is { File: FakeHub.Weights, BytesDone: > 0 })
            {
                cancellation.Cancel();
            }
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ModelHub.DownloadAsync(FakeHub.Name, hub.Options, progress, cancellation.Token));
        var arrived = File.ReadAllBytes(hub.PartialPath(FakeHub.Weights));
        Assert.InRange(arrived.Length, 1, 70_000);
        Assert.Equal(Weights[..arrived.Length], arrived);

        await AssertDownloads();
        Assert.Equal(arrived.Length, Starts()[^1]);
    }

    [Fact]
    public async Task ACancelledCallAsksForNothing()
    {
        using var cancellation = new CancellationTokenSource();
        cancellation.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ModelHub.DownloadAsync(FakeHub.Name, hub.Options, null, cancellation.Token));
        Assert.Empty(hub.Server.Requests);
    }

    [Fact]
    public async Task ProgressTellsWhatIsOnDisk()
    {
        hub.Files[FakeHub.Weights] = FakeHub.RandomBytes(3, 5_000_000);
        hub.LeavePartial(FakeHub.Weights, Weights[..1_000_000]);
        var progress = new Reports();
        hub.AssertComplete(await ModelHub.DownloadAsync(FakeHub.Name, hub.Options with { ParallelDownloads = 1 }, progress), Usual);

        var all = hub.Files.Values.Sum(bytes => bytes.Length);
        var ofWeights = progress.All.Where(report => report.File == FakeHub.Weights).Select(report => report.BytesDone).ToArray();
        Assert.Equal(1_000_000, ofWeights[0]);
        Assert.Equal(5_000_000, ofWeights[^1]);
        Assert.Equal(ofWeights.Order(), ofWeights);
        Assert.InRange(ofWeights.Length, 3, 10);
        Assert.All(progress.All, report => Assert.Equal(hub.Files[report.File].Length, report.BytesTotal));
        Assert.All(progress.All, report => Assert.Equal(all, report.AllBytesTotal));
        Assert.Equal(all, progress.All[^1].AllBytesDone);
    }

    private HubTestAnswer Right(HubTestRequest request) => hub.AnswerFile(request, FakeHub.Weights);

    private long?[] Starts() => [.. hub.DownloadsOf(FakeHub.Weights).Select(request => request.RangeStart)];

    private async Task AssertDownloads() => hub.AssertComplete(await ModelHub.DownloadAsync(FakeHub.Name, hub.Options), Usual);

    private Task<HubException> Fails(HubOptions? options = null) =>
        Assert.ThrowsAsync<HubException>(() => ModelHub.DownloadAsync(FakeHub.Name, options ?? hub.Options));

    private async Task AssertWrongLength(string found)
    {
        var exception = await Fails();
        Assert.Equal(HubFailure.Damaged, exception.Failure);
        Assert.Contains(FakeHub.Weights, exception.Message);
        Assert.Contains($"expected {Weights.Length.ToString(CultureInfo.InvariantCulture)} bytes, found {found}.", exception.Message);
        Assert.False(File.Exists(hub.PartialPath(FakeHub.Weights)));
        Assert.False(File.Exists(hub.BlobPath(FakeHub.Weights)));
    }
}
