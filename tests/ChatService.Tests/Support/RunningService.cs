using System.ClientModel;
using System.ClientModel.Primitives;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using ChatService;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MLNetLlm.Models;
using MLNetLlm.Services;
using OpenAI;

namespace MLNetLlm.ChatService.Tests;

/// <summary>The service in this process, on a port of its own, with a real web server.</summary>
public sealed class RunningService : IAsyncDisposable
{
    public const string ModelId = "tiny";

    private readonly WebApplication app;

    private RunningService(WebApplication app)
    {
        this.app = app;
        Address = new Uri(app.Urls.First());
        // A client that is done with a response closes the connection, as browsers do; by default this one would read on for a while.
        var handler = new SocketsHttpHandler { MaxConnectionsPerServer = int.MaxValue, MaxResponseDrainSize = 0 };
        Http = new HttpClient(handler) { BaseAddress = Address, Timeout = TimeSpan.FromMinutes(2) };
    }

    public Uri Address { get; }

    public HttpClient Http { get; }

    public SchedulerStatistics Statistics => app.Services.GetRequiredService<LanguageModelHost>().Statistics!;

    public static async Task<RunningService> StartAsync(TinyModels models, params (string Setting, string Value)[] settings)
    {
        var given = new Dictionary<string, string?>
        {
            ["urls"] = "http://127.0.0.1:0",
            ["Service:Model"] = models.Checkpoint,
            ["Service:SpamModel"] = models.SpamZip,
            ["LanguageModel:ModelId"] = ModelId,
            ["LanguageModel:SlotCount"] = "4",
            ["LanguageModel:MaximumOutputTokens"] = "2000",
            ["LanguageModel:StopTimeout"] = "00:00:00.1",
            ["LanguageModel:Precision"] = "Float32",
        };
        foreach (var (setting, value) in settings)
        {
            given[setting] = value;
        }

        var builder = ServiceHost.CreateBuilder(given);
        builder.Logging.ClearProviders();
        var app = ServiceHost.Build(builder, ServiceHost.SettingsOf(builder));
        await app.StartAsync();
        return new RunningService(app);
    }

    /// <summary>OpenAI's own client, as its users make it, but without repeats, which would hide errors.</summary>
    public OpenAIClient OpenAi(string key = "any") => new(new ApiKeyCredential(key), new OpenAIClientOptions
    {
        Endpoint = new Uri(Address, "/v1"),
        RetryPolicy = new ClientRetryPolicy(0),
    });

    public Task<HttpResponseMessage> PostAsync(string path, string json, CancellationToken cancellation = default) =>
        Http.PostAsync(path, new StringContent(json, Encoding.UTF8, "application/json"), cancellation);

    /// <summary>Asks for a stream and returns as soon as it has begun.</summary>
    public Task<HttpResponseMessage> StreamAsync(string path, object request, CancellationToken cancellation = default) => Http.SendAsync(
        new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(request) }, HttpCompletionOption.ResponseHeadersRead, cancellation);

    public async Task<(int Status, JsonElement Body)> PostForJsonAsync(string path, object request)
    {
        using var response = await Http.PostAsJsonAsync(path, request);
        return ((int)response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>());
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await app.StopAsync();
        await app.DisposeAsync();
    }

    /// <summary>A request for a text of some length.</summary>
    public static object Chat(int tokens, bool stream = false, string text = "Hello") => new
    {
        model = ModelId,
        messages = new[] { new { role = "user", content = text } },
        temperature = 0,
        max_tokens = tokens,
        stream,
    };
}
