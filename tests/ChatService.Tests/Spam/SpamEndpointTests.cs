using System.Net.Http.Json;
using System.Text.Json;

namespace MLNetLlm.ChatService.Tests;

[Collection(nameof(ServiceCollection))]
public sealed class SpamEndpointTests(ServiceFixture fixture) : IDisposable
{
    private const string SpamText = "win a free prize now, call this number today";

    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("mlnetllm-reload-");

    private string CopiedFile => Path.Combine(directory.FullName, "spam.zip");

    public void Dispose() => directory.Delete(recursive: true);

    [Fact]
    public async Task A_message_gets_a_verdict_and_a_probability()
    {
        var (_, spam) = await fixture.Service.PostForJsonAsync("/api/spam", new { text = SpamText });
        var (_, ham) = await fixture.Service.PostForJsonAsync("/api/spam", new { text = "see you at home tonight, thanks for the meal" });

        Assert.True(spam.GetProperty("is_spam").GetBoolean());
        Assert.InRange(spam.GetProperty("probability").GetDouble(), 0.5, 1);
        Assert.False(ham.GetProperty("is_spam").GetBoolean());
        Assert.InRange(ham.GetProperty("probability").GetDouble(), 0, 0.5);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("""{"text":" "}""")]
    [InlineData("""{"text":5}""")]
    public async Task A_wrong_request_gets_problem_details(string json)
    {
        using var response = await fixture.Service.PostAsync("/api/spam", json);
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>();

        Assert.Equal(400, (int)response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal(400, problem.GetProperty("status").GetInt32());
        Assert.NotEmpty(problem.GetProperty("detail").GetString()!);
    }

    [Fact]
    public async Task A_new_filter_takes_over_under_load_and_no_request_fails()
    {
        await using var service = await StartOnCopyAsync();
        using var stop = new CancellationTokenSource();
        var clients = Enumerable.Range(0, 4).Select(_ => AskUntilAsync(service, stop.Token)).ToArray();

        File.Copy(fixture.Models.OppositeSpamZip, CopiedFile, overwrite: true);
        await Eventually.HoldsAsync(() => clients.All(client => client.HasSeen(false)), "the new filter's verdict is seen by every client");
        await stop.CancelAsync();

        foreach (var client in clients)
        {
            await client.Work;
            // Once the new filter has spoken, the old one is never heard again.
            Assert.Equal(client.Seen.OrderDescending(), client.Seen);
        }
    }

    [Theory]
    [InlineData("damaged")]
    [InlineData("deleted")]
    public async Task While_the_file_is_bad_the_old_filter_goes_on_and_the_health_check_says_so(string fault)
    {
        await using var service = await StartOnCopyAsync();
        if (fault == "deleted")
        {
            File.Delete(CopiedFile);
        }
        else
        {
            await File.WriteAllTextAsync(CopiedFile, "This is no zip.");
        }

        var status = "";
        await Eventually.HoldsAsync(() => (status = HealthOf(service)) != "Healthy", "the health check notices");

        Assert.Equal("Degraded", status);
        var (code, verdict) = await service.PostForJsonAsync("/api/spam", new { text = SpamText });
        Assert.Equal(200, code);
        Assert.True(verdict.GetProperty("is_spam").GetBoolean());
        File.Copy(fixture.Models.OppositeSpamZip, CopiedFile, overwrite: true);
        await Eventually.HoldsAsync(() => HealthOf(service) == "Healthy", "a good file heals it");
        (_, verdict) = await service.PostForJsonAsync("/api/spam", new { text = SpamText });
        Assert.False(verdict.GetProperty("is_spam").GetBoolean());
    }

    private Task<RunningService> StartOnCopyAsync()
    {
        File.Copy(fixture.Models.SpamZip, CopiedFile);
        return RunningService.StartAsync(fixture.Models, ("Service:SpamModel", CopiedFile));
    }

    private static string HealthOf(RunningService service) =>
        service.Http.GetFromJsonAsync<JsonElement>("/health").GetAwaiter().GetResult().GetProperty("status").GetString()!;

    private static Client AskUntilAsync(RunningService service, CancellationToken stop)
    {
        var client = new Client();
        client.Work = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                var (status, body) = await service.PostForJsonAsync("/api/spam", new { text = SpamText });
                Assert.Equal(200, status);
                client.Add(body.GetProperty("is_spam").GetBoolean());
            }
        });
        return client;
    }

    /// <summary>What one client was told, in order.</summary>
    private sealed class Client
    {
        private readonly List<bool> seen = [];

        public Task Work { get; set; } = Task.CompletedTask;

        public IReadOnlyList<bool> Seen => seen;

        public void Add(bool verdict)
        {
            lock (seen)
            {
                seen.Add(verdict);
            }
        }

        public bool HasSeen(bool verdict)
        {
            lock (seen)
            {
                return seen.Contains(verdict) || Work.IsFaulted;
            }
        }
    }
}
