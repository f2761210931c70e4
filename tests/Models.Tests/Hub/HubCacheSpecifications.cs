namespace MLNetLlm.Models.Tests.Hub;

/// <summary>What is on disk after a download, and what of it a later call uses.</summary>
public sealed class HubCacheSpecifications : IDisposable
{
    private static readonly string[] Usual = ["config.json", "tokenizer.json", FakeHub.Weights];

    private readonly FakeHub hub = new();

    public void Dispose() => hub.Dispose();

    [Fact]
    public async Task TheLayoutIsThatOfAllToolsOfTheHub()
    {
        var directory = await ModelHub.DownloadAsync(FakeHub.Name, hub.Options);
        hub.AssertComplete(directory, Usual);
        Assert.Equal(FakeHub.Commit, File.ReadAllText(Path.Combine(hub.ModelDirectory, "refs", "main")));
        Assert.Equal(
            Usual.Select(hub.BlobPath).Order(StringComparer.Ordinal), Directory.GetFiles(hub.BlobDirectory).Order(StringComparer.Ordinal));
        foreach (var file in Usual)
        {
            Assert.Equal(
                Path.Combine("..", "..", "blobs", FakeHub.EtagOf(file, hub.Files[file])), new FileInfo(Path.Combine(directory, file)).LinkTarget);
            Assert.True(File.Exists(Path.Combine(
                hub.CacheDirectory, ".locks", "models--org--tiny", FakeHub.EtagOf(file, hub.Files[file]) + ".lock")));
        }
    }

    [Fact]
    public async Task WhatIsThereIsNotAskedForAgain()
    {
        var first = await ModelHub.DownloadAsync(FakeHub.Name, hub.Options);
        var requests = hub.Server.Requests.Count;
        Assert.Equal(first, await ModelHub.DownloadAsync(FakeHub.Name, hub.Options));
        Assert.Equal(requests + 1, hub.Server.Requests.Count);
    }

    [Fact]
    public async Task ANewCommitSharesTheFilesThatDidNotChange()
    {
        await ModelHub.DownloadAsync(FakeHub.Name, hub.Options);
        hub.CurrentCommit = "89abcdef0123456789abcdef0123456789abcdef";
        hub.Files["config.json"] = [.. hub.Files["config.json"], (byte)'\n'];
        hub.AssertComplete(await ModelHub.DownloadAsync(FakeHub.Name, hub.Options), Usual);
        Assert.Single(hub.DownloadsOf(FakeHub.Weights));
        Assert.Equal(2, hub.DownloadsOf("config.json").Count());
        Assert.Equal(hub.CurrentCommit, File.ReadAllText(Path.Combine(hub.ModelDirectory, "refs", "main")));
    }

    [Fact]
    public async Task ARevisionWithSlashesIsOneNameForTheServerAndAPathInTheCache()
    {
        await ModelHub.DownloadAsync(FakeHub.Name, hub.Options with { Revision = "refs/pr/1" });
        Assert.Contains(hub.Server.Requests, request => request.Path.EndsWith("/revision/refs%2Fpr%2F1", StringComparison.Ordinal));
        Assert.Equal(FakeHub.Commit, File.ReadAllText(Path.Combine(hub.ModelDirectory, "refs", "refs", "pr", "1")));
    }

    [Fact]
    public async Task WithoutLinksASnapshotHoldsCopies()
    {
        var directory = await ModelHub.DownloadAsync(FakeHub.Name, hub.Options with { UseSymbolicLinks = false });
        hub.AssertComplete(directory, Usual);
        Assert.All(Usual, file => Assert.Null(new FileInfo(Path.Combine(directory, file)).LinkTarget));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ALinkOutOfTheCacheOrToNowhereIsNoFile(bool leadsOut)
    {
        var directory = await ModelHub.DownloadAsync(FakeHub.Name, hub.Options);
        var outside = Path.Combine(hub.CacheDirectory, "outside.json");
        File.WriteAllText(outside, "{}");
        File.Delete(Path.Combine(directory, "config.json"));
        File.CreateSymbolicLink(Path.Combine(directory, "config.json"), leadsOut ? outside : "../../blobs/none");

        var exception = await Assert.ThrowsAsync<HubException>(() => ModelHub.DownloadAsync(FakeHub.Name, hub.Options with { Offline = true }));
        Assert.Contains("lacks config.json", exception.Message);
        hub.AssertComplete(await ModelHub.DownloadAsync(FakeHub.Name, hub.Options), Usual);
        Assert.Equal("{}", File.ReadAllText(outside));
    }

    [Fact]
    public async Task ABlobOfTheWrongLengthIsReplaced()
    {
        Directory.CreateDirectory(hub.BlobDirectory);
        File.WriteAllBytes(hub.BlobPath(FakeHub.Weights), [1, 2, 3]);
        hub.AssertComplete(await ModelHub.DownloadAsync(FakeHub.Name, hub.Options), Usual);
    }

    [Fact]
    public async Task ASnapshotAppearsOnlyWhenAllItsFilesAreThere()
    {
        hub.AnswerDownloadsOf(FakeHub.Weights, request => new(403, []), request => new(403, []));
        await Assert.ThrowsAsync<HubException>(() => ModelHub.DownloadAsync(FakeHub.Name, hub.Options));
        Assert.False(Directory.Exists(hub.SnapshotDirectory));
        Assert.False(File.Exists(Path.Combine(hub.ModelDirectory, "refs", "main")));
    }

    [Fact]
    public async Task OfflineUsesTheCacheAndNoNetwork()
    {
        var directory = await ModelHub.DownloadAsync(FakeHub.Name, hub.Options);
        var requests = hub.Server.Requests.Count;
        Assert.Equal(directory, await ModelHub.DownloadAsync(FakeHub.Name, hub.Options with { Offline = true }));
        Assert.Equal(directory, await ModelHub.DownloadAsync(FakeHub.Name, hub.Options with { Offline = true, Revision = FakeHub.Commit }));
        Assert.Equal(requests, hub.Server.Requests.Count);
    }

    [Fact]
    public async Task OfflineUsesWhatAnotherToolCached()
    {
        const string other = "fedcba9876543210fedcba9876543210fedcba98";
        var snapshot = Directory.CreateDirectory(Path.Combine(hub.CacheDirectory, "models--gpt2", "snapshots", other)).FullName;
        var blobs = Directory.CreateDirectory(Path.Combine(hub.CacheDirectory, "models--gpt2", "blobs")).FullName;
        var refs = Directory.CreateDirectory(Path.Combine(hub.CacheDirectory, "models--gpt2", "refs")).FullName;
        File.WriteAllText(Path.Combine(refs, "main"), other);
        foreach (var file in Usual)
        {
            File.WriteAllText(Path.Combine(blobs, "of-" + file), file);
            File.CreateSymbolicLink(Path.Combine(snapshot, file), "../../blobs/of-" + file);
        }

        Assert.Equal(snapshot, await ModelHub.DownloadAsync("gpt2", hub.Options with { Offline = true }));
    }

    [Fact]
    public async Task OfflineSaysWhatIsCachedInstead()
    {
        var offline = hub.Options with { Offline = true };
        var empty = await Assert.ThrowsAsync<HubException>(() => ModelHub.DownloadAsync(FakeHub.Name, offline));
        Assert.Equal(HubFailure.NotCached, empty.Failure);
        Assert.Contains("holds no model", empty.Message);
        Assert.Contains("HF_HUB_OFFLINE", empty.Message);

        await ModelHub.DownloadAsync(FakeHub.Name, hub.Options);
        var otherModel = await Assert.ThrowsAsync<HubException>(() => ModelHub.DownloadAsync("gpt2", offline));
        Assert.Contains("'org/tiny'", otherModel.Message);
        var otherRevision = await Assert.ThrowsAsync<HubException>(() => ModelHub.DownloadAsync(FakeHub.Name, offline with { Revision = "v2" }));
        Assert.Contains("'main'", otherRevision.Message);
        Assert.Contains(FakeHub.Commit, otherRevision.Message);

        File.Delete(Path.Combine(hub.SnapshotDirectory, FakeHub.Weights));
        var incomplete = await Assert.ThrowsAsync<HubException>(() => ModelHub.DownloadAsync(FakeHub.Name, offline));
        Assert.Contains("lacks model.safetensors", incomplete.Message);
    }

    [Fact]
    public async Task OfflineMissesTheShardsThatTheIndexNames()
    {
        hub.Files.Remove(FakeHub.Weights);
        hub.Files["model.safetensors.index.json"] = """{"weight_map":{"a":"model-00001-of-00002.safetensors","b":"model-00002-of-00002.safetensors"}}"""u8.ToArray();
        hub.Files["model-00001-of-00002.safetensors"] = [1];
        hub.Files["model-00002-of-00002.safetensors"] = [2];
        var directory = await ModelHub.DownloadAsync(FakeHub.Name, hub.Options);
        Assert.Equal(directory, await ModelHub.DownloadAsync(FakeHub.Name, hub.Options with { Offline = true }));

        File.Delete(Path.Combine(directory, "model-00002-of-00002.safetensors"));
        var exception = await Assert.ThrowsAsync<HubException>(() => ModelHub.DownloadAsync(FakeHub.Name, hub.Options with { Offline = true }));
        Assert.Contains("lacks model-00002-of-00002.safetensors", exception.Message);
    }

    [Fact]
    public async Task WhereTheServerIsAwayTheCacheServes()
    {
        var directory = await ModelHub.DownloadAsync(FakeHub.Name, hub.Options);
        hub.Fault = _ => new(503, []);
        Assert.Equal(directory, await ModelHub.DownloadAsync(FakeHub.Name, hub.Options));
        Assert.Empty(hub.Time.Seconds);
        hub.Server.Dispose();
        Assert.Equal(directory, await ModelHub.DownloadAsync(FakeHub.Name, hub.Options));
    }
}
