using System.Net.Http.Json;
using System.Text.Json;

namespace MLNetLlm.ChatService.Tests;

[Collection(nameof(ServiceCollection))]
public sealed class SpamEndpointTests(ServiceFixture fixture)
{
    private const string SpamText = "win a free prize now, call this number today";

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
        var directory = Directory.CreateTempSubdirectory("mlnetllm-reload-");
        try
        {
            var file = Path.Combine(directory.FullName, "spam.zip");
            File.Copy(fixture.Models.SpamZip, file);
            await using var service = await RunningService.StartAsync(fixture.Models, ("Service:SpamModel", file));
            using var stop = new CancellationTokenSource();
            var clients = Enumerable.Range(0, 4).Select(_ => AskUntilAsync(service, stop.Token)).ToArray();

            File.Copy(fixture.Models.OppositeSpamZip, file, overwrite: true);
            await Eventually.HoldsAsync(() => clients.All(client => client.Seen.Contains(false)), "the new filter's verdict is seen by every client");
            await stop.CancelAsync();

            foreach (var client in clients)
            {
                await client.Work;
                // Once the new filter has spoken, the old one is never heard again.
                Assert.Equal(client.Seen.OrderDescending(), client.Seen);
            }
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static (List<bool> Seen, Task Work) AskUntilAsync(RunningService service, CancellationToken stop)
    {
        var seen = new List<bool>();
        return (seen, Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                var (status, body) = await service.PostForJsonAsync("/api/spam", new { text = SpamText });
                Assert.Equal(200, status);
                lock (seen)
                {
                    seen.Add(body.GetProperty("is_spam").GetBoolean());
                }
            }
        }));
    }
}
