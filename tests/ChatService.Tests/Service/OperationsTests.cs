using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using ChatService;

namespace MLNetLlm.ChatService.Tests;

/// <summary>What those who operate the service rely on.</summary>
[Collection(nameof(ServiceCollection))]
public sealed class OperationsTests(ServiceFixture fixture)
{
    [Fact]
    public async Task The_health_check_tells_how_each_part_is()
    {
        var health = await fixture.Service.Http.GetFromJsonAsync<JsonElement>("/health");
        using var live = await fixture.Service.Http.GetAsync("/health/live");

        Assert.Equal("Healthy", health.GetProperty("status").GetString());
        Assert.Equal("Healthy", health.GetProperty("checks").GetProperty("language-model").GetProperty("status").GetString());
        Assert.Equal(HttpStatusCode.OK, live.StatusCode);
    }

    [Fact]
    public async Task The_api_describes_itself()
    {
        var document = await fixture.Service.Http.GetFromJsonAsync<JsonElement>("/openapi/v1.json");

        var paths = document.GetProperty("paths").EnumerateObject().Select(path => path.Name).Order();
        Assert.Equal(["/api/spam", "/v1/chat/completions", "/v1/completions", "/v1/embeddings", "/v1/models", "/v1/models/{id}"], paths);
        Assert.True(document.GetProperty("components").GetProperty("schemas").GetProperty("ChatCompletionRequest").GetProperty("properties").TryGetProperty("max_completion_tokens", out _));
    }

    [Fact]
    public async Task Every_answer_tells_browsers_to_load_nothing_from_elsewhere()
    {
        foreach (var path in new[] { "/", "/v1/models", "/v1/nothing" })
        {
            using var response = await fixture.Service.Http.GetAsync(path);
            Assert.Contains("default-src 'none'", response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
            Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
        }
    }

    [Fact]
    public async Task A_foreign_host_name_is_not_answered()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models") { Headers = { Host = "evil.example" } };

        using var response = await fixture.Service.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Theory]
    [InlineData("http://0.0.0.0:80")]
    [InlineData("http://*:80")]
    [InlineData("http://127.0.0.1:80;http://192.168.0.7:80")]
    public void Without_keys_nobody_else_may_reach_the_service(string urls)
    {
        var builder = ServiceHost.CreateBuilder(new Dictionary<string, string?> { ["urls"] = urls });

        var exception = Assert.Throws<InvalidOperationException>(() => ServiceHost.SettingsOf(builder));

        Assert.Contains("Service:ApiKeys", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://0.0.0.0:80", "a-long-enough-key")]
    [InlineData("http://localhost:80;http://[::1]:80;https://127.0.0.1:443", null)]
    public void With_keys_or_on_loopback_it_may_start(string urls, string? key)
    {
        var given = new Dictionary<string, string?> { ["urls"] = urls };
        if (key is not null)
        {
            given["Service:ApiKeys:0"] = key;
        }

        var builder = ServiceHost.CreateBuilder(given);

        Assert.NotNull(ServiceHost.SettingsOf(builder));
    }

    [Theory]
    [InlineData("Service:ApiKeys:0", "short", "ApiKeys")]
    [InlineData("Service:Predictions", "0", "Predictions")]
    [InlineData("Service:RequestTimeout", "00:00:00", "RequestTimeout")]
    [InlineData("Service:MaximumBodyBytes", "0", "MaximumBodyBytes")]
    public void A_wrong_setting_is_named_before_anything_starts(string setting, string value, string name)
    {
        var builder = ServiceHost.CreateBuilder(new Dictionary<string, string?> { [setting] = value });

        var exception = Assert.Throws<InvalidOperationException>(() => ServiceHost.SettingsOf(builder));

        Assert.Contains($"Service:{name}", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_setting_of_the_model_is_named_before_anything_starts()
    {
        var exception = await Assert.ThrowsAnyAsync<Exception>(() => RunningService.StartAsync(fixture.Models, ("LanguageModel:SlotCount", "0")));

        Assert.Contains("SlotCount", exception.Message, StringComparison.Ordinal);
    }
}
