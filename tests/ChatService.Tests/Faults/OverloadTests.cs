using System.Net.Http.Json;
using System.Text.Json;

namespace MLNetLlm.ChatService.Tests;

/// <summary>More is asked than can be done, by clients that do not behave.</summary>
[Collection(nameof(ServiceCollection))]
public sealed class OverloadTests(ServiceFixture fixture)
{
    private const string Chat = "/v1/chat/completions";

    [Fact]
    public async Task Of_a_thousand_requests_those_beyond_the_queue_are_told_to_come_later_and_all_others_are_answered()
    {
        await using var service = await RunningService.StartAsync(fixture.Models, ("LanguageModel:SlotCount", "2"), ("LanguageModel:QueueCapacity", "8"));
        // Until a thousand requests are there, the slots are taken.
        using var first = await service.StreamAsync(Chat, RunningService.Chat(TinyModels.LongText, stream: true));
        using var second = await service.StreamAsync(Chat, RunningService.Chat(TinyModels.LongText, stream: true));

        var responses = await Task.WhenAll(Enumerable.Range(0, 1000).Select(_ => service.PostForJsonAsync(Chat, RunningService.Chat(2))));

        var answered = responses.Count(response => response.Status == 200);
        var refused = responses.Where(response => response.Status == 429).ToArray();
        Assert.Equal(1000, answered + refused.Length);
        Assert.True(answered >= 8, $"{answered} were answered.");
        Assert.True(refused.Length > 500, $"{refused.Length} were refused.");
        Assert.All(refused, response => Assert.Equal("rate_limit_exceeded", response.Body.GetProperty("error").GetProperty("code").GetString()));
        Assert.Equal(Events.Done, (await Events.AllAsync(first))[^1]);
        Assert.Equal(200, (await service.PostForJsonAsync(Chat, RunningService.Chat(2))).Status);
    }

    [Fact]
    public async Task A_refusal_says_when_to_try_again()
    {
        await using var service = await RunningService.StartAsync(fixture.Models, ("LanguageModel:SlotCount", "1"), ("LanguageModel:QueueCapacity", "0"));
        using var running = await service.StreamAsync(Chat, RunningService.Chat(TinyModels.LongText, stream: true));

        using var refused = await service.StreamAsync(Chat, RunningService.Chat(2, stream: true));

        Assert.Equal(429, (int)refused.StatusCode);
        Assert.True(refused.Headers.RetryAfter!.Delta > TimeSpan.Zero);
        Assert.Equal("rate_limit_error", (await refused.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error").GetProperty("type").GetString());
    }

    [Fact]
    public async Task Predictions_beyond_the_queue_are_told_to_come_later()
    {
        await using var service = await RunningService.StartAsync(fixture.Models, ("Service:Predictions", "1"), ("Service:PredictionQueue", "0"));
        var longText = string.Concat(Enumerable.Repeat("the meeting is tomorrow at nine, bring the papers. ", 40));
        var request = new { model = RunningService.ModelId, input = Enumerable.Repeat(longText, 256) };
        Task<(int Status, JsonElement Body)> longWork;
        HttpResponseMessage? refused;
        do
        {
            longWork = service.PostForJsonAsync("/v1/embeddings", request);
            refused = await FirstRefusalAsync(service, longWork);
            Assert.True(refused is not null || (await longWork).Status == 429, "Nothing was refused.");
        }
        while (refused is null);

        Assert.True(refused.Headers.RetryAfter!.Delta > TimeSpan.Zero);
        Assert.Equal("application/problem+json", refused.Content.Headers.ContentType!.MediaType);
        Assert.Equal(200, (await longWork).Status);
        Assert.Equal(200, (await service.PostForJsonAsync("/api/spam", new { text = "win a free prize" })).Status);
    }

    [Fact]
    public async Task The_slot_of_a_client_that_has_gone_is_free_within_a_token()
    {
        await using var service = await RunningService.StartAsync(fixture.Models, ("LanguageModel:SlotCount", "1"));
        using (var response = await service.StreamAsync(Chat, RunningService.Chat(TinyModels.LongText, stream: true)))
        {
            await foreach (var _ in Events.ReadAsync(response))
            {
                break;
            }
        }

        await Eventually.HoldsAsync(() => service.Statistics.Running == 0, "the slot is free");

        Assert.True(service.Statistics.GeneratedTokens < TinyModels.LongText, $"{service.Statistics.GeneratedTokens} tokens were written for nobody.");
        Assert.Equal(200, (await service.PostForJsonAsync(Chat, RunningService.Chat(2))).Status);
    }

    [Fact]
    public async Task A_client_that_gives_up_waiting_leaves_the_queue()
    {
        await using var service = await RunningService.StartAsync(fixture.Models, ("LanguageModel:SlotCount", "1"));
        using var running = await service.StreamAsync(Chat, RunningService.Chat(TinyModels.LongText, stream: true));
        using var impatience = new CancellationTokenSource();
        var waiting = service.StreamAsync(Chat, RunningService.Chat(2, stream: true), impatience.Token);
        await Eventually.HoldsAsync(() => service.Statistics.Queued == 1 || waiting.IsCompleted, "the request waits");
        await impatience.CancelAsync();

        await Eventually.HoldsAsync(() => service.Statistics.Queued == 0, "the queue is empty");

        Assert.Equal(Events.Done, (await Events.AllAsync(running))[^1]);
    }

    [Fact]
    public async Task A_slow_reader_holds_up_nobody()
    {
        await using var service = await RunningService.StartAsync(fixture.Models, ("LanguageModel:SlotCount", "2"));
        using var slow = await service.StreamAsync(Chat, RunningService.Chat(TinyModels.LongText, stream: true));

        for (var round = 0; round < 3; round++)
        {
            using var quick = await service.StreamAsync(Chat, RunningService.Chat(20, stream: true));
            Assert.Equal(Events.Done, (await Events.AllAsync(quick))[^1]);
        }

        await Eventually.HoldsAsync(() => service.Statistics.Running == 0, "the text that nobody reads is written all the same");
        Assert.Equal(Events.Done, (await Events.AllAsync(slow))[^1]);
    }

    [Fact]
    public async Task A_text_that_takes_too_long_ends_with_an_error()
    {
        await using var service = await RunningService.StartAsync(
            fixture.Models, ("LanguageModel:SlotCount", "1"), ("Service:RequestTimeout", "00:00:00.3"), ("LanguageModel:MaximumOutputTokens", "4000"));
        using var stream = await service.StreamAsync(Chat, RunningService.Chat(4000, stream: true));
        var (status, body) = await service.PostForJsonAsync(Chat, RunningService.Chat(4000));

        Assert.Equal(504, status);
        Assert.Equal("timeout", body.GetProperty("error").GetProperty("code").GetString());
        var events = await Events.AllAsync(stream);
        Assert.Contains("\"code\":\"timeout\"", events[(int)stream.StatusCode == 200 ? ^2 : ^1], StringComparison.Ordinal);
    }

    /// <returns>What a message gets while long work has the only place; nothing if a message had it, so that the long work was refused.</returns>
    private static async Task<HttpResponseMessage?> FirstRefusalAsync(RunningService service, Task longWork)
    {
        while (!longWork.IsCompleted)
        {
            var response = await service.PostAsync("/api/spam", """{"text":"win a free prize"}""");
            if ((int)response.StatusCode == 429)
            {
                return response;
            }

            // The long work had not begun yet.
            Assert.Equal(200, (int)response.StatusCode);
        }

        return null;
    }
}
