namespace MLNetLlm.Models.Tests.Hub;

/// <summary>Who may have what: tokens, redirects, and what is not there.</summary>
public sealed class HubAccessSpecifications : IDisposable
{
    private const string Token = "hf_SECRET";

    private readonly FakeHub hub = new();

    public void Dispose() => hub.Dispose();

    [Fact]
    public async Task TheTokenGoesWithEveryRequestToTheEndpoint()
    {
        await ModelHub.DownloadAsync(FakeHub.Name, hub.Options with { Token = Token });
        Assert.All(hub.Server.Requests, request => Assert.Equal($"Bearer {Token}", request.Headers["Authorization"]));
        Assert.All(hub.Server.Requests, request => Assert.Equal("identity", request.Headers["Accept-Encoding"]));
    }

    [Fact]
    public async Task WithoutATokenNoneIsSent()
    {
        await ModelHub.DownloadAsync(FakeHub.Name, hub.Options);
        Assert.All(hub.Server.Requests, request => Assert.DoesNotContain("Authorization", request.Headers.Keys));
    }

    [Fact]
    public async Task AStorageElsewhereDoesNotGetTheToken()
    {
        using var storage = new HubTestServer(request => FakeHub.AnswerBytes(request, hub.Files[FakeHub.Weights], ("ETag", "\"etag-of-the-storage\"")));
        hub.Storage = storage.Address;
        hub.LeavePartial(FakeHub.Weights, hub.Files[FakeHub.Weights][..1000]);
        hub.AssertComplete(
            await ModelHub.DownloadAsync(FakeHub.Name, hub.Options with { Token = Token }), "config.json", "tokenizer.json", FakeHub.Weights);
        var request = Assert.Single(storage.Requests);
        Assert.Equal("GET", request.Method);
        Assert.Equal(1000, request.RangeStart);
        Assert.DoesNotContain("Authorization", request.Headers.Keys);
    }

    [Fact]
    public async Task AStorageThatRefusesItsSignatureIsAskedForANewOne()
    {
        var refusals = 0;
        using var storage = new HubTestServer(request => refusals++ < 2 ? new(403, []) : FakeHub.AnswerBytes(request, hub.Files[FakeHub.Weights]));
        hub.Storage = storage.Address;
        await ModelHub.DownloadAsync(FakeHub.Name, hub.Options);
        Assert.Equal(3, hub.DownloadsOf(FakeHub.Weights).Count());

        using var closed = new HubTestServer(_ => new(403, []));
        hub.Storage = closed.Address;
        hub.Files[FakeHub.Weights] = [1, 2, 3];
        hub.CurrentCommit = new string('b', 40);
        var exception = await Fails();
        Assert.Contains($"'{closed.Address.Authority}' answers 403", exception.Message);
        Assert.DoesNotContain("signature", exception.ToString());
    }

    [Fact]
    public async Task ARenamedRepositoryKeepsTheToken()
    {
        hub.Fault = request => request.Path.Contains("org/old", StringComparison.Ordinal)
            ? new(307, [], ("Location", request.Path.Replace("org/old", FakeHub.Name, StringComparison.Ordinal)))
            : null;
        var directory = await ModelHub.DownloadAsync("org/old", hub.Options with { Token = Token });
        Assert.Equal(hub.Files[FakeHub.Weights], File.ReadAllBytes(Path.Combine(directory, FakeHub.Weights)));
        Assert.Contains("models--org--old", directory);
        Assert.All(hub.Server.Requests, request => Assert.Equal($"Bearer {Token}", request.Headers["Authorization"]));
    }

    [Fact]
    public async Task RedirectsEnd()
    {
        hub.Fault = request => new(302, [], ("Location", request.Path));
        Assert.Contains("redirects more than 10 times", (await Fails()).Message);
    }

    [Theory]
    [InlineData("file:///etc/passwd")]
    [InlineData("ftp://localhost/x")]
    public async Task ARedirectToSomethingElseThanTheWebIsRefused(string location)
    {
        hub.Fault = _ => new(302, [], ("Location", location));
        Assert.Contains("redirects to a '", (await Fails()).Message);
    }

    [Theory]
    [InlineData(401, null)]
    [InlineData(401, "RepoNotFound")]
    public async Task WithoutATokenTheMessageSaysHowToGiveOne(int status, string? code)
    {
        Refuse(status, code);
        var exception = await Fails();
        Assert.Equal(HubFailure.AccessDenied, exception.Failure);
        Assert.Contains("or it is private", exception.Message);
        AssertSaysHowToGiveAToken(exception);
    }

    [Theory]
    [InlineData(401, "GatedRepo")]
    [InlineData(403, "GatedRepo")]
    [InlineData(403, null)]
    public async Task AGatedModelIsExplained(int status, string? code)
    {
        Refuse(status, code);
        var exception = await Fails();
        Assert.Equal(HubFailure.AccessDenied, exception.Failure);
        Assert.Contains("is gated", exception.Message);
        AssertSaysHowToGiveAToken(exception);

        var withToken = await Fails(hub.Options with { Token = Token });
        Assert.Contains("has no access yet", withToken.Message);
        Assert.DoesNotContain(Token, withToken.ToString());
    }

    [Fact]
    public async Task ATokenThatIsNotAcceptedIsNotShown()
    {
        Refuse(401, null);
        var exception = await Fails(hub.Options with { Token = Token });
        Assert.Equal(HubFailure.AccessDenied, exception.Failure);
        Assert.Contains("does not accept the given token", exception.Message);
        Assert.DoesNotContain(Token, exception.ToString());
    }

    [Fact]
    public async Task RefusalsAreNotTriedAgain()
    {
        Refuse(401, null);
        await Fails();
        Assert.Single(hub.Server.Requests);
        Assert.Empty(hub.Time.Seconds);
    }

    [Theory]
    [InlineData("RepoNotFound", "There is no model 'org/tiny'")]
    [InlineData("RevisionNotFound", "'org/tiny' at {0} has no revision 'v9'")]
    [InlineData(null, "There is no model 'org/tiny'")]
    [InlineData(null, "Or it has no revision 'v9'")]
    public async Task WhatIsNotThereIsNamed(string? code, string message)
    {
        Refuse(404, code);
        var exception = await Fails(hub.Options with { Revision = "v9" });
        Assert.Equal(HubFailure.NotFound, exception.Failure);
        Assert.Contains(string.Format(System.Globalization.CultureInfo.InvariantCulture, message, hub.Server.Address), exception.Message);
    }

    [Theory]
    [InlineData("HEAD", "EntryNotFound")]
    [InlineData("GET", null)]
    public async Task AFileThatIsNotThereIsNamed(string method, string? code)
    {
        hub.Fault = request => request.Method == method && request.Path.EndsWith("/tokenizer.json", StringComparison.Ordinal) ? Refusal(404, code) : null;
        var exception = await Fails();
        Assert.Equal(HubFailure.NotFound, exception.Failure);
        Assert.Contains("'tokenizer.json' of 'org/tiny'", exception.Message);
    }

    [Fact]
    public async Task AServerThatIsNotThereIsNamed()
    {
        var address = hub.Server.Address;
        hub.Server.Dispose();
        var exception = await Fails(hub.Options with { MaximumAttempts = 2 });
        Assert.Equal(HubFailure.Unreachable, exception.Failure);
        Assert.Contains(address.Authority, exception.Message);
        Assert.Contains("Given up after 2 attempts", exception.Message);
    }

    private static void AssertSaysHowToGiveAToken(HubException exception)
    {
        Assert.Contains("HubOptions.Token", exception.Message);
        Assert.Contains("HF_TOKEN", exception.Message);
    }

    private static HubTestAnswer Refusal(int status, string? code) => code is null ? new(status, []) : new(status, [], ("X-Error-Code", code));

    private void Refuse(int status, string? code) => hub.Fault = _ => Refusal(status, code);

    private Task<HubException> Fails(HubOptions? options = null) =>
        Assert.ThrowsAsync<HubException>(() => ModelHub.DownloadAsync(FakeHub.Name, options ?? hub.Options));
}
