using System.ClientModel;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using OpenAI.Chat;

namespace MLNetLlm.ChatService.Tests;

[Collection(nameof(ServiceCollection))]
public sealed class ApiKeyTests(ServiceFixture fixture)
{
    private const string Key = "key-of-the-first-team";
    private const string OtherKey = "key-of-the-second-team";

    [Fact]
    public async Task With_keys_the_apis_want_one_and_the_page_and_the_health_check_do_not()
    {
        await using var service = await StartAsync();

        foreach (var key in new[] { Key, OtherKey })
        {
            ChatCompletion completion = await service.OpenAi(key).GetChatClient(RunningService.ModelId)
                .CompleteChatAsync([new UserChatMessage("Hello")], new ChatCompletionOptions { MaxOutputTokenCount = 2 });
            Assert.Equal(2, completion.Usage.OutputTokenCount);
        }

        var wrong = await Assert.ThrowsAsync<ClientResultException>(
            () => service.OpenAi("a-wrong-key").GetChatClient(RunningService.ModelId).CompleteChatAsync([new UserChatMessage("Hello")]));
        Assert.Equal(401, wrong.Status);
        Assert.Contains("invalid_api_key", wrong.Message, StringComparison.Ordinal);

        using var without = await service.PostAsync("/api/spam", """{"text":"a"}""");
        Assert.Equal(401, (int)without.StatusCode);
        Assert.Equal("Bearer", without.Headers.WwwAuthenticate.Single().Scheme);
        Assert.Equal("application/problem+json", without.Content.Headers.ContentType!.MediaType);
        Assert.Equal("invalid_api_key", (await without.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString());

        foreach (var path in new[] { "/", "/health", "/openapi/v1.json" })
        {
            using var open = await service.Http.GetAsync(path);
            Assert.Equal(200, (int)open.StatusCode);
        }
    }

    [Theory]
    [InlineData("Basic", Key)]
    [InlineData("Bearer", "")]
    [InlineData("Bearer", "key-of-the-first-tea")]
    [InlineData("Bearer", "key-of-the-first-teamX")]
    public async Task What_is_almost_a_key_is_none(string scheme, string key)
    {
        await using var service = await StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models") { Headers = { Authorization = new AuthenticationHeaderValue(scheme, key) } };

        using var response = await service.Http.SendAsync(request);

        Assert.Equal(401, (int)response.StatusCode);
    }

    private Task<RunningService> StartAsync() =>
        RunningService.StartAsync(fixture.Models, ("Service:ApiKeys:0", Key), ("Service:ApiKeys:1", OtherKey));
}
