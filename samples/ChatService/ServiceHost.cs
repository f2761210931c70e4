using System.Net.Mime;
using System.Text.Json;
using ChatService.OpenAi;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.ML;
using Microsoft.Extensions.Options;
using MLNetLlm.Services;
using SpamFilter;

namespace ChatService;

/// <summary>Puts the service together: what it consists of, and what a request passes through.</summary>
internal static class ServiceHost
{
    /// <summary>How much longer than its texts the web server waits, for the last bytes to leave.</summary>
    private static readonly TimeSpan ShutdownMargin = TimeSpan.FromSeconds(5);

    /// <summary>A builder that reads settings from appsettings.json, the environment and the given values, which count most.</summary>
    public static WebApplicationBuilder CreateBuilder(IReadOnlyDictionary<string, string?> overrides)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddInMemoryCollection(overrides);
        if (string.IsNullOrEmpty(builder.Configuration[WebHostDefaults.ServerUrlsKey]))
        {
            builder.WebHost.UseUrls(LoopbackRule.DefaultUrl);
        }

        return builder;
    }

    /// <summary>The settings that a builder has read.</summary>
    /// <exception cref="InvalidOperationException">A setting is out of range; the message names it.</exception>
    public static ServiceSettings SettingsOf(WebApplicationBuilder builder)
    {
        var settings = builder.Configuration.GetSection(ServiceSettings.Section).Get<ServiceSettings>() ?? new ServiceSettings();
        settings.Validate();
        LoopbackRule.Require(UrlsOf(builder), settings);
        return settings;
    }

    /// <summary>The service, not started yet.</summary>
    /// <param name="builder">From <see cref="CreateBuilder"/>.</param>
    /// <param name="settings">Name both models.</param>
    /// <exception cref="IOException">The chat model's file is missing.</exception>
    /// <exception cref="InvalidDataException">It holds another kind of model.</exception>
    public static WebApplication Build(WebApplicationBuilder builder, ServiceSettings settings)
    {
        AddServices(builder, settings);
        var app = builder.Build();
        UsePipeline(app);
        MapEndpoints(app);
        return app;
    }

    private static void AddServices(WebApplicationBuilder builder, ServiceSettings settings)
    {
        var services = builder.Services;
        services.AddSingleton(settings);
        services.AddSingleton<EventStream>();
        // Weights, scheduler, chat client, embeddings, health check, and the graceful end of texts when the service stops.
        services.AddLanguageModel(builder.Configuration.GetSection(ServiceSettings.LanguageModelSection));
        services.Configure(ChatModelSource.Find(settings.Model!));
        // A new file takes over once it has proven good; a bad one changes nothing but the health check.
        services.AddPredictionEnginePool<Message, Verdict>().FromCheckedFile(settings.SpamModel!);
        services.AddRateLimiter(options => PredictionLimit.Configure(options, settings));
        services.AddExceptionHandler<FailureWriter>();
        services.AddOpenApi();
        services.ConfigureHttpJsonOptions(options =>
        {
            options.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
            options.SerializerOptions.TypeInfoResolverChain.Insert(0, OpenAiJson.Default);
            options.SerializerOptions.TypeInfoResolverChain.Insert(1, ServiceJson.Default);
        });
        services.AddOptions<HostOptions>().Configure<IOptions<LanguageModelOptions>>(
            (host, model) => host.ShutdownTimeout = model.Value.StopTimeout + ShutdownMargin);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = settings.MaximumBodyBytes;
        });
        // A page of another site that has itself called by this machine's address is not answered.
        if (string.IsNullOrEmpty(builder.Configuration["AllowedHosts"]) && UrlsOf(builder).All(LoopbackRule.IsLoopback))
        {
            builder.Configuration["AllowedHosts"] = "localhost;127.0.0.1;[::1]";
        }
    }

    private static void UsePipeline(WebApplication app)
    {
        app.Use(SecurityHeaders.AddAsync);
        app.UseExceptionHandler(_ => { });
        app.UseStatusCodePages(context => FailureWriter.WriteStatusAsync(context.HttpContext));
        app.UseDefaultFiles();
        app.UseStaticFiles();
        app.UseMiddleware<ApiKeyGuard>();
        app.UseRouting();
        app.UseRateLimiter();
    }

    private static void MapEndpoints(WebApplication app)
    {
        app.MapPost("/api/spam", SpamEndpoint.HandleAsync).RequireRateLimiting(PredictionLimit.Policy)
            .Accepts<SpamRequest>(MediaTypeNames.Application.Json).Produces<SpamVerdict>().ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status429TooManyRequests).WithSummary("Tells how likely a message is spam.");
        var v1 = app.MapGroup("/v1");
        foreach (var status in OpenAiError.Statuses)
        {
            v1.WithMetadata(new ProducesResponseTypeMetadata(status, typeof(OpenAiError), [MediaTypeNames.Application.Json]));
        }

        v1.MapPost("/chat/completions", ChatCompletionsEndpoint.HandleAsync)
            .Accepts<ChatCompletionRequest>(MediaTypeNames.Application.Json).Produces<ChatCompletion>().WithSummary("Answers a conversation.");
        v1.MapPost("/completions", CompletionsEndpoint.HandleAsync)
            .Accepts<CompletionRequest>(MediaTypeNames.Application.Json).Produces<Completion>().WithSummary("Continues a text.");
        v1.MapPost("/embeddings", EmbeddingsEndpoint.HandleAsync).RequireRateLimiting(PredictionLimit.Policy)
            .Accepts<EmbeddingRequest>(MediaTypeNames.Application.Json).Produces<EmbeddingList>().WithSummary("Turns texts into vectors.");
        v1.MapGet("/models", ModelsEndpoint.List).Produces<ModelList>().WithSummary("Lists the models.");
        v1.MapGet("/models/{id}", ModelsEndpoint.Get).Produces<ModelEntry>().WithSummary("Describes a model.");
        app.MapOpenApi();
        app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false });
        app.MapHealthChecks("/health", new HealthCheckOptions
        {
            ResponseWriter = (context, report) => context.Response.WriteAsJsonAsync(HealthReportText.Of(report), ServiceJson.Default.HealthReportText),
        });
    }

    private static string[] UrlsOf(WebApplicationBuilder builder) =>
        (builder.Configuration[WebHostDefaults.ServerUrlsKey] ?? LoopbackRule.DefaultUrl).Split(';', StringSplitOptions.RemoveEmptyEntries);
}
