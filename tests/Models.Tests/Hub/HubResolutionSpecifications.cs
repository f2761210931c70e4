namespace MLNetLlm.Models.Tests.Hub;

/// <summary>A text is a directory or a name on the Hub; whatever else it is, the message says what was looked for.</summary>
public sealed class HubResolutionSpecifications : IDisposable
{
    private readonly FakeHub hub = new();
    private readonly TemporaryDirectory directory = new();

    public void Dispose()
    {
        hub.Dispose();
        directory.Dispose();
    }

    [Fact]
    public void AnExistingDirectoryIsReturnedAsItIs()
    {
        Assert.Equal(directory.Path, ModelHub.Resolve(directory.Path, hub.Options));
        Assert.Equal(".", ModelHub.Resolve(".", hub.Options));
        Assert.Empty(hub.Server.Requests);
    }

    [Fact]
    public void AnythingElseThatCanBeANameIsOne()
    {
        hub.AssertComplete(ModelHub.Resolve(FakeHub.Name, hub.Options), "config.json", "tokenizer.json", FakeHub.Weights);
        hub.AssertComplete(ModelHub.Download(FakeHub.Name, hub.Options), "config.json", "tokenizer.json", FakeHub.Weights);
    }

    [Fact]
    public void AFileIsNoCheckpoint()
    {
        File.WriteAllText(directory.File("model.safetensors"), "");
        var exception = Assert.Throws<ArgumentException>(() => ModelHub.Resolve(directory.File("model.safetensors"), hub.Options));
        Assert.Contains("is a file", exception.Message);
    }

    [Theory]
    [InlineData("./missing")]
    [InlineData("../missing")]
    [InlineData("/missing/model")]
    [InlineData("~/missing")]
    [InlineData("models\\missing")]
    [InlineData("C:\\models\\missing")]
    [InlineData("a/b/c")]
    [InlineData("org/name/")]
    [InlineData("org/../name")]
    [InlineData("org/na..me")]
    [InlineData("org--name")]
    [InlineData("org/name.git")]
    [InlineData("org/-name")]
    [InlineData("org/name\n")]
    [InlineData("org/na me")]
    [InlineData("org/n%2e%2e")]
    public void WhatIsNeitherSaysWhatWasLookedFor(string text)
    {
        var exception = Assert.Throws<DirectoryNotFoundException>(() => ModelHub.Resolve(text, hub.Options));
        Assert.Contains(Path.GetFullPath(text), exception.Message);
        Assert.Contains("'organization/name'", exception.Message);
        Assert.Throws<ArgumentException>(() => ModelHub.Download(text, hub.Options));
        Assert.Empty(hub.Server.Requests);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ANameThatIsNotThereMayHaveBeenMeantAsADirectory(bool offline)
    {
        var exception = Assert.Throws<HubException>(() => ModelHub.Resolve("no/such", hub.Options with { Offline = offline }));
        Assert.Equal(offline ? HubFailure.NotCached : HubFailure.NotFound, exception.Failure);
        Assert.Contains($"There is no directory '{Path.GetFullPath("no/such")}'", exception.Message);
    }

    [Fact]
    public void TheBlockingCallNeedsNothingOfTheThreadThatWaits()
    {
        var context = SynchronizationContext.Current;
        try
        {
            SynchronizationContext.SetSynchronizationContext(new NeverRuns());
            Assert.Equal(hub.SnapshotDirectory, ModelHub.Resolve(FakeHub.Name, hub.Options));
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }

    private sealed class NeverRuns : SynchronizationContext
    {
        public override void Post(SendOrPostCallback callback, object? state)
        {
        }
    }
}
