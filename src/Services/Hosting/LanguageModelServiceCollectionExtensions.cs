using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using MLNetLlm.Services;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers language models.</summary>
/// <remarks>
/// A model brings, as singletons: <see cref="LanguageModelHost"/> (weights and scheduler), <see cref="IChatClient"/> where it has
/// a template, <see cref="IEmbeddingGenerator{TInput, TEmbedding}"/>, a hosted service that loads it and stops it gracefully, and
/// a health check with the tag <c>ready</c>. Those of a named model are keyed services under its name.
/// </remarks>
public static class LanguageModelServiceCollectionExtensions
{
    /// <summary>Adds the service's language model.</summary>
    /// <exception cref="OptionsValidationException">Not by this call but when the service starts: a setting is wrong; the message names it.</exception>
    public static IServiceCollection AddLanguageModel(this IServiceCollection services, Action<LanguageModelOptions> configure) =>
        services.Add(null, options => options.Configure(configure));

    /// <summary>Adds the service's language model, set up by a section of the configuration. Unknown keys in it are an error.</summary>
    /// <inheritdoc cref="AddLanguageModel(IServiceCollection, Action{LanguageModelOptions})"/>
    public static IServiceCollection AddLanguageModel(this IServiceCollection services, IConfiguration section) =>
        services.Add(null, options => options.Bind(section, binder => binder.ErrorOnUnknownConfiguration = true));

    /// <summary>Adds one of several language models; its services are keyed by its name.</summary>
    /// <inheritdoc cref="AddLanguageModel(IServiceCollection, Action{LanguageModelOptions})"/>
    public static IServiceCollection AddLanguageModel(this IServiceCollection services, string name, Action<LanguageModelOptions> configure) =>
        services.Add(Named(name), options => options.Configure(configure));

    /// <summary>Adds one of several language models, set up by a section of the configuration. Unknown keys in it are an error.</summary>
    /// <inheritdoc cref="AddLanguageModel(IServiceCollection, string, Action{LanguageModelOptions})"/>
    public static IServiceCollection AddLanguageModel(this IServiceCollection services, string name, IConfiguration section) =>
        services.Add(Named(name), options => options.Bind(section, binder => binder.ErrorOnUnknownConfiguration = true));

    private static IServiceCollection Add(this IServiceCollection services, string? name, Action<OptionsBuilder<LanguageModelOptions>> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        var isThere = services.Any(service => service.ServiceType == typeof(LanguageModelHost) && Equals(service.ServiceKey, name));
        configure(services.AddOptions<LanguageModelOptions>(name));
        if (isThere)
        {
            return services;
        }

        services.AddOptionsWithValidateOnStart<LanguageModelOptions, LanguageModelOptionsValidator>(name);
        services.AddLogging();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(name, provider => new LanguageModelHost(provider, name, provider.GetRequiredService<IOptionsMonitor<LanguageModelOptions>>().Get(name ?? Options.Options.DefaultName)));
        services.AddSingleton(name, provider => Host(provider, name).CreateChatClient());
        services.AddSingleton(name, provider => Host(provider, name).Model.AsEmbeddingGenerator(Host(provider, name).Options.Embedding(Host(provider, name).ModelId)));
        services.AddSingleton<IHostedService>(provider => new LanguageModelLifetime(
            Host(provider, name), provider.GetRequiredService<ILogger<LanguageModelLifetime>>(), provider.GetRequiredService<TimeProvider>()));
        services.AddHealthChecks().Add(new HealthCheckRegistration(
            name is null ? "language-model" : $"language-model-{name}", provider => new LanguageModelHealthCheck(Host(provider, name)), failureStatus: null, tags: ["ready"]));
        return services;
    }

    private static LanguageModelHost Host(IServiceProvider provider, string? name) =>
        name is null ? provider.GetRequiredService<LanguageModelHost>() : provider.GetRequiredKeyedService<LanguageModelHost>(name);

    private static void AddSingleton<T>(this IServiceCollection services, string? name, Func<IServiceProvider, T> create)
        where T : class
    {
        if (name is null)
        {
            services.AddSingleton(create);
        }
        else
        {
            services.AddKeyedSingleton(name, (provider, _) => create(provider));
        }
    }

    private static string Named(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return name;
    }
}
