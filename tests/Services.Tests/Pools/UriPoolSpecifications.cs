using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.ML;

namespace MLNetLlm.Services.Tests.Pools;

public sealed class UriPoolSpecifications : IDisposable
{
    private static readonly byte[] First = PoolFixture.Zip(seed: 1);
    private static readonly byte[] Second = PoolFixture.Zip(seed: 2);
    private readonly PoolFixture fixture = new();
    private readonly ModelServer server = new() { Content = First, Tag = "\"1\"" };

    public void Dispose() => fixture.Dispose();

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task A_new_version_is_known_by_tag_date_or_content(bool tags, bool dates)
    {
        var provider = Provider();
        (server.Tag, server.Date) = (tags ? "\"1\"" : null, dates ? new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero) : null);
        Assert.Equal(PoolFixture.Expected(First), PoolFixture.Pool(provider).Predict(PoolFixture.Row).Features);
        Assert.False(await PoolFixture.Loader(provider).LookAsync());
        Assert.Equal(tags || dates ? HttpStatusCode.NotModified : HttpStatusCode.OK, server.LastStatus);

        server.Content = Second;
        (server.Tag, server.Date) = (tags ? "\"2\"" : null, dates ? new DateTimeOffset(2030, 1, 2, 0, 0, 0, TimeSpan.Zero) : null);

        Assert.True(await PoolFixture.Loader(provider).LookAsync());
        Assert.Equal(PoolFixture.Expected(Second), PoolFixture.Pool(provider).Predict(PoolFixture.Row).Features);
    }

    [Fact]
    public async Task A_server_that_fails_leaves_the_old_model_serving_and_health_degraded()
    {
        var provider = Provider();
        await PoolFixture.StartAsync(provider);
        var expected = PoolFixture.Expected(First);

        server.Status = HttpStatusCode.ServiceUnavailable;
        Assert.False(await PoolFixture.Loader(provider).LookAsync());
        var health = await PoolFixture.HealthAsync(provider);
        Assert.Equal(HealthStatus.Degraded, health.Status);
        Assert.Contains("503", health.Description, StringComparison.Ordinal);
        Assert.Equal(expected, PoolFixture.Pool(provider).Predict(PoolFixture.Row).Features);

        (server.Status, server.Content, server.Tag) = (HttpStatusCode.OK, Second[..100], "\"2\"");
        Assert.False(await PoolFixture.Loader(provider).LookAsync());
        Assert.Equal(HealthStatus.Degraded, (await PoolFixture.HealthAsync(provider)).Status);
        Assert.Equal(expected, PoolFixture.Pool(provider).Predict(PoolFixture.Row).Features);

        (server.Content, server.Tag) = (Second, "\"3\"");
        Assert.True(await PoolFixture.Loader(provider).LookAsync());
        Assert.Equal(HealthStatus.Healthy, (await PoolFixture.HealthAsync(provider)).Status);
    }

    private IServiceProvider Provider() => fixture.Provider(pool => pool.FromCheckedUri(
        new Uri("http://models.test/model.zip"), new CheckedModelOptions<TextRow, Vectors> { HttpClient = new HttpClient(server, disposeHandler: false) }));

    /// <summary>Answers as a web server with one file does.</summary>
    private sealed class ModelServer : HttpMessageHandler
    {
        public byte[] Content { get; set; } = [];

        public string? Tag { get; set; }

        public DateTimeOffset? Date { get; set; }

        public HttpStatusCode Status { get; set; } = HttpStatusCode.OK;

        public HttpStatusCode LastStatus { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var isKnown = (Tag is not null && request.Headers.IfNoneMatch.Any(tag => tag.ToString() == Tag))
                || (Date is not null && request.Headers.IfModifiedSince >= Date);
            LastStatus = Status == HttpStatusCode.OK && isKnown ? HttpStatusCode.NotModified : Status;
            var response = new HttpResponseMessage(LastStatus) { Content = new ByteArrayContent(LastStatus == HttpStatusCode.OK ? Content : []) };
            response.Headers.ETag = Tag is null ? null : EntityTagHeaderValue.Parse(Tag);
            response.Content.Headers.LastModified = Date;
            return Task.FromResult(response);
        }
    }
}
