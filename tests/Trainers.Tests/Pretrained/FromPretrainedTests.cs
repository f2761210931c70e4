using Microsoft.ML;
using MLNetLlm.Models;
using MLNetLlm.Models.Tests.Hub;

namespace MLNetLlm.Trainers.Tests.Pretrained;

public sealed class FromPretrainedTests : IDisposable
{
    private readonly MLContext ml = new(seed: 1);
    private readonly TemporaryDirectory directory = new();

    public static TheoryData<string> Fixtures => [.. PublicCheckpoint.Decoders, PublicCheckpoint.Bert];

    public void Dispose() => directory.Dispose();

    [Theory]
    [MemberData(nameof(Fixtures))]
    public void A_directory_of_every_family_is_loaded(string name)
    {
        using var model = ml.LanguageModels.FromPretrained(PublicCheckpoint.Create(name, directory.File(name)), Precision.Float32, "cpu");

        Assert.False(model.Network.training);
        Assert.Equal(Precision.Float32, model.Network.Precision);
        Assert.True(model.Tokenizer.VocabularySize <= model.Config.VocabularySize);
        Assert.Equal(name is PublicCheckpoint.Bert, !model.Network.IsCausal);
    }

    [Fact]
    public void A_name_is_downloaded_once_with_reports_and_then_found_offline()
    {
        using var hub = Hub();
        var reports = new Reports();
        var log = new List<string>();
        ml.Log += (_, message) =>
        {
            lock (log)
            {
                log.Add(message.Message);
            }
        };
        var options = new PretrainedOptions { Hub = hub.Options, Device = "cpu", Progress = reports };

        using var downloaded = ml.LanguageModels.FromPretrained(FakeHub.Name, options);
        var requests = hub.Server.Requests.Count;
        using var cached = ml.LanguageModels.FromPretrained(FakeHub.Name, options with { Hub = hub.Options with { Offline = true } });

        Assert.Equal(downloaded.Network.parameters().Count(), cached.Network.parameters().Count());
        Assert.Equal(requests, hub.Server.Requests.Count);
        var last = reports.All[^1];
        Assert.Equal(last.AllBytesTotal, last.AllBytesDone);
        Assert.Contains(log, line => line.Contains("downloaded 'model.safetensors'", StringComparison.Ordinal));
    }

    [Fact]
    public void A_cancelled_download_leaves_nothing_loaded()
    {
        using var hub = Hub();
        using var cancel = new CancellationTokenSource();
        var options = new PretrainedOptions { Hub = hub.Options, Device = "cpu", CancellationToken = cancel.Token, Progress = new Reports(_ => cancel.Cancel()) };

        Assert.ThrowsAny<OperationCanceledException>(() => ml.LanguageModels.FromPretrained(FakeHub.Name, options));
    }

    [Fact]
    public void What_is_neither_there_nor_a_name_is_refused()
    {
        Assert.Contains("no/such/model", Assert.Throws<DirectoryNotFoundException>(() => ml.LanguageModels.FromPretrained("no/such/model")).Message);
        Assert.Throws<ArgumentException>(() => ml.LanguageModels.FromPretrained(" "));
        using var hub = Hub();
        var error = Assert.Throws<HubException>(() => ml.LanguageModels.FromPretrained("org/other", new PretrainedOptions { Hub = hub.Options }));
        Assert.Equal(HubFailure.NotFound, error.Failure);
        Assert.Contains("CacheDirectory", Assert.Throws<ArgumentException>(
            () => ml.LanguageModels.FromPretrained("org/other", new PretrainedOptions { Hub = hub.Options with { CacheDirectory = "" } })).Message);
    }

    [Fact]
    public void Without_a_device_the_context_decides()
    {
        var forced = new MLContext { GpuDeviceId = 99, FallbackToCpu = false };

        Assert.Contains("GpuDeviceId", Assert.Throws<InvalidOperationException>(
            () => forced.LanguageModels.FromPretrained(PublicCheckpoint.Create(PublicCheckpoint.Gpt2, directory.File("gpt2")))).Message);
    }

    private FakeHub Hub()
    {
        var hub = new FakeHub();
        hub.Files.Clear();
        foreach (var file in Directory.GetFiles(PublicCheckpoint.Create(PublicCheckpoint.Gpt2, directory.File("published"))))
        {
            hub.Files[Path.GetFileName(file)] = File.ReadAllBytes(file);
        }

        return hub;
    }

    private sealed class Reports(Action<HubProgress>? then = null) : IProgress<HubProgress>
    {
        public List<HubProgress> All { get; } = [];

        public void Report(HubProgress value)
        {
            lock (All)
            {
                All.Add(value);
            }

            then?.Invoke(value);
        }
    }
}
