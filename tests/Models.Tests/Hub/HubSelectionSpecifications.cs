namespace MLNetLlm.Models.Tests.Hub;

/// <summary>Which files of a repository are downloaded, and which repositories are refused.</summary>
public sealed class HubSelectionSpecifications : IDisposable
{
    private const string Index = "model.safetensors.index.json";

    private readonly FakeHub hub = new();

    public void Dispose() => hub.Dispose();

    [Fact]
    public async Task ConfigurationWeightsAndTokenizerAreDownloadedAndNothingElse()
    {
        string[] wanted =
        [
            "generation_config.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "vocab.json", "merges.txt",
            "vocab.txt", "tokenizer.model", "qwen.tiktoken", "chat_template.jinja",
        ];
        string[] others =
        [
            "README.md", ".gitattributes", "pytorch_model.bin", "training_args.bin", "tf_model.h5", "model.onnx", "onnx/config.json",
            "onnx/model.safetensors", "results/12:30.json", "back\\slash.txt", "other.safetensors", "model.fp16.safetensors", "rust_model.ot", "setup.py",
        ];
        foreach (var file in wanted.Concat(others))
        {
            hub.Files[file] = [1, 2, 3, (byte)file.Length];
        }

        var directory = await ModelHub.DownloadAsync(FakeHub.Name, hub.Options);
        hub.AssertComplete(directory, [.. wanted, "config.json", "tokenizer.json", FakeHub.Weights]);
        Assert.All(others, file => Assert.DoesNotContain(hub.Server.Requests, request => request.IsDownloadOf($"{FakeHub.Commit}/{file}")));
    }

    [Fact]
    public async Task TheShardsThatAnIndexNamesAreDownloaded()
    {
        hub.Files.Remove(FakeHub.Weights);
        hub.Files[Index] = """{"weight_map":{"a":"model-00001-of-00002.safetensors","b":"model-00002-of-00002.safetensors","c":"model-00001-of-00002.safetensors"}}"""u8.ToArray();
        hub.Files["model-00001-of-00002.safetensors"] = FakeHub.RandomBytes(1, 1000);
        hub.Files["model-00002-of-00002.safetensors"] = FakeHub.RandomBytes(2, 2000);
        hub.Files["consolidated.safetensors"] = FakeHub.RandomBytes(3, 3000);
        hub.AssertComplete(
            await ModelHub.DownloadAsync(FakeHub.Name, hub.Options),
            "config.json", "tokenizer.json", Index, "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors");
    }

    [Theory]
    [InlineData("""{"weight_map":{"a":"model-00009-of-00009.safetensors"}}""", "which the repository does not have")]
    [InlineData("""{"weight_map":{"a":"../../../escape.safetensors"}}""", "names '../../../escape.safetensors'")]
    [InlineData("""{"weight_map":{"a":"weights.bin"}}""", "names 'weights.bin'")]
    [InlineData("""{"weight_map":[1]}""", "weight_map")]
    [InlineData("<html>", "weight_map")]
    public async Task AnIndexThatNamesNoShardsOfTheRepositoryIsRefused(string index, string message)
    {
        hub.Files.Remove(FakeHub.Weights);
        hub.Files[Index] = System.Text.Encoding.UTF8.GetBytes(index);
        hub.Files["model-00001-of-00002.safetensors"] = [1];
        hub.Files["weights.bin"] = [1];
        var exception = await Assert.ThrowsAnyAsync<Exception>(() => ModelHub.DownloadAsync(FakeHub.Name, hub.Options));
        Assert.True(exception is HubException { Failure: HubFailure.NotUsable } or InvalidDataException, exception.ToString());
        Assert.Contains(message, exception.Message);
        Assert.Contains(Index, exception.Message);
        Assert.DoesNotContain(hub.Server.Requests, request => request.Path.EndsWith(".safetensors", StringComparison.Ordinal));
    }

    [Fact]
    public async Task WeightsOfAnotherNameAreTakenWhereTheUsualOnesAreMissing()
    {
        hub.Files.Remove(FakeHub.Weights);
        hub.Files["weights.safetensors"] = [1, 2];
        hub.AssertComplete(await ModelHub.DownloadAsync(FakeHub.Name, hub.Options), "config.json", "tokenizer.json", "weights.safetensors");
    }

    [Theory]
    [InlineData("pytorch_model.bin", "pickles only (pytorch_model.bin)")]
    [InlineData("pytorch_model-00001-of-00002.bin", "pickles only")]
    [InlineData("model.gguf", "no model.safetensors")]
    [InlineData("model-00001-of-00002.safetensors", "no model.safetensors")]
    public async Task WithoutSafetensorsNothingIsDownloaded(string weights, string message)
    {
        hub.Files.Remove(FakeHub.Weights);
        hub.Files[weights] = [1];
        var exception = await Assert.ThrowsAsync<HubException>(() => ModelHub.DownloadAsync(FakeHub.Name, hub.Options));
        Assert.Equal(HubFailure.NotUsable, exception.Failure);
        Assert.Contains(message, exception.Message);
        Assert.Single(hub.Server.Requests);
        Assert.False(Directory.Exists(hub.ModelDirectory));
    }

    [Fact]
    public async Task WithoutConfigurationNothingIsDownloaded()
    {
        hub.Files.Remove("config.json");
        var exception = await Assert.ThrowsAsync<HubException>(() => ModelHub.DownloadAsync(FakeHub.Name, hub.Options));
        Assert.Equal(HubFailure.NotUsable, exception.Failure);
        Assert.Contains("has no config.json", exception.Message);
        Assert.Single(hub.Server.Requests);
    }

    [Theory]
    [InlineData("../escape.model")]
    [InlineData("a/../../escape.model")]
    [InlineData("/etc/escape.model")]
    [InlineData("..\\escape.model")]
    [InlineData("C:escape.model")]
    [InlineData("a//b.model")]
    [InlineData("a/./b.model")]
    [InlineData("line\nbreak.model")]
    [InlineData("")]
    public async Task AFileNameThatLeadsOutOfTheDirectoryIsRefused(string file)
    {
        hub.Files[file] = [1];
        var exception = await Assert.ThrowsAsync<HubException>(() => ModelHub.DownloadAsync(FakeHub.Name, hub.Options));
        Assert.Equal(HubFailure.NotUsable, exception.Failure);
        Assert.Contains("outside of its directory", exception.Message);
        Assert.DoesNotContain('\n', exception.Message);
        Assert.Single(hub.Server.Requests);
        Assert.Empty(Directory.GetFileSystemEntries(hub.CacheDirectory));
    }

    [Theory]
    [InlineData("../../../../escape")]
    [InlineData(".hidden")]
    [InlineData("")]
    public async Task AnEntityTagThatIsNoFileNameIsRefused(string etag)
    {
        hub.Fault = request => request.Method == "HEAD" && request.Path.EndsWith("config.json", StringComparison.Ordinal)
            ? new(200, [1], ("ETag", $"\"{etag}\""))
            : null;
        var exception = await Assert.ThrowsAsync<HubException>(() => ModelHub.DownloadAsync(FakeHub.Name, hub.Options));
        Assert.Contains("expected an entity tag", exception.Message);
        Assert.DoesNotContain(hub.Server.Requests, request => request.IsDownloadOf("config.json"));
    }

    [Theory]
    [InlineData("""{"sha":"../../escape","siblings":[]}""")]
    [InlineData("""{"sha":"0123456789abcdef0123456789abcdef01234567"}""")]
    [InlineData("""{"sha":1,"siblings":[]}""")]
    [InlineData("[]")]
    [InlineData("<html>Log in to the guest network</html>")]
    public async Task AnAnswerThatIsNoListOfFilesIsRefused(string text)
    {
        hub.Fault = _ => new(200, System.Text.Encoding.UTF8.GetBytes(text));
        var exception = await Assert.ThrowsAsync<HubException>(() => ModelHub.DownloadAsync(FakeHub.Name, hub.Options));
        Assert.Contains("answers like no Hub", exception.Message);
        Assert.Empty(Directory.GetFileSystemEntries(hub.CacheDirectory));
    }

    [Fact]
    public async Task AFileLargerThanTheDiskIsNotBegun()
    {
        hub.Fault = request => request.Method == "HEAD" && request.Path.EndsWith(FakeHub.Weights, StringComparison.Ordinal)
            ? new(200, [], ("X-Linked-Etag", new string('a', 64)), ("X-Linked-Size", long.MaxValue.ToString(System.Globalization.CultureInfo.InvariantCulture)))
            : null;
        var exception = await Assert.ThrowsAsync<HubException>(() => ModelHub.DownloadAsync(FakeHub.Name, hub.Options));
        Assert.Equal(HubFailure.DiskFull, exception.Failure);
        Assert.Contains(hub.CacheDirectory, exception.Message);
        Assert.DoesNotContain(hub.Server.Requests, request => request.Method == "GET" && request.Path.Contains("/resolve/", StringComparison.Ordinal));
    }
}
