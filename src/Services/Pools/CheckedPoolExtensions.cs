using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using MLNetLlm.Services;

namespace Microsoft.Extensions.ML;

/// <summary>Pools of prediction engines whose model can be replaced under load.</summary>
/// <remarks>
/// Each also registers its <see cref="CheckedModelLoader{TData, TPrediction}"/>, keyed by the model's name, which is the empty
/// string where none is given; a hosted service that loads the model when the service starts; and a health check with the tag
/// <c>ready</c>.
/// </remarks>
public static class CheckedPoolExtensions
{
    private static readonly HttpClient Client = new() { Timeout = TimeSpan.FromMinutes(1) };

    /// <summary>Serves a model file, and its new versions when it is written to or replaced.</summary>
    /// <param name="builder">The pool.</param>
    /// <param name="path">The model zip.</param>
    /// <param name="options">How it is watched and checked.</param>
    public static PredictionEnginePoolBuilder<TData, TPrediction> FromCheckedFile<TData, TPrediction>(
        this PredictionEnginePoolBuilder<TData, TPrediction> builder, string path, CheckedModelOptions<TData, TPrediction>? options = null)
        where TData : class
        where TPrediction : class, new() => builder.FromCheckedFile(string.Empty, path, options);

    /// <summary>Serves a model file under a name, and its new versions when it is written to or replaced.</summary>
    /// <param name="builder">The pool.</param>
    /// <param name="modelName">Name of the model in the pool.</param>
    /// <param name="path">The model zip.</param>
    /// <param name="options">How it is watched and checked.</param>
    public static PredictionEnginePoolBuilder<TData, TPrediction> FromCheckedFile<TData, TPrediction>(
        this PredictionEnginePoolBuilder<TData, TPrediction> builder, string modelName, string path, CheckedModelOptions<TData, TPrediction>? options = null)
        where TData : class
        where TPrediction : class, new()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        return builder.From(modelName, new FileModelSource(path), options);
    }

    /// <summary>Serves a model behind an http address, and its new versions.</summary>
    /// <param name="builder">The pool.</param>
    /// <param name="address">The model zip.</param>
    /// <param name="options">How it is watched and checked; an hour or so is a fit period for a model that is far away.</param>
    public static PredictionEnginePoolBuilder<TData, TPrediction> FromCheckedUri<TData, TPrediction>(
        this PredictionEnginePoolBuilder<TData, TPrediction> builder, Uri address, CheckedModelOptions<TData, TPrediction>? options = null)
        where TData : class
        where TPrediction : class, new() => builder.FromCheckedUri(string.Empty, address, options);

    /// <summary>Serves a model behind an http address under a name, and its new versions.</summary>
    /// <param name="builder">The pool.</param>
    /// <param name="modelName">Name of the model in the pool.</param>
    /// <param name="address">The model zip.</param>
    /// <param name="options">How it is watched and checked.</param>
    public static PredictionEnginePoolBuilder<TData, TPrediction> FromCheckedUri<TData, TPrediction>(
        this PredictionEnginePoolBuilder<TData, TPrediction> builder, string modelName, Uri address, CheckedModelOptions<TData, TPrediction>? options = null)
        where TData : class
        where TPrediction : class, new()
    {
        ArgumentNullException.ThrowIfNull(address);
        return builder.From(modelName, new UriModelSource(address, options?.HttpClient ?? Client), options);
    }

    private static PredictionEnginePoolBuilder<TData, TPrediction> From<TData, TPrediction>(
        this PredictionEnginePoolBuilder<TData, TPrediction> builder, string modelName, IModelSource source, CheckedModelOptions<TData, TPrediction>? options)
        where TData : class
        where TPrediction : class, new()
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(modelName);
        options ??= new CheckedModelOptions<TData, TPrediction>();
        options.Validate();
        var services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        // The container makes one loader and disposes of it; the pool may ask for its options more than once.
        services.AddKeyedSingleton(modelName, (provider, _) => new CheckedModelLoader<TData, TPrediction>(
            source,
            provider.GetRequiredService<IOptions<MLOptions>>().Value.MLContext,
            options,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<CheckedModelLoader<TData, TPrediction>>>()));
        services.AddOptions<PredictionEnginePoolOptions<TData, TPrediction>>(modelName)
            .Configure<IServiceProvider>((pool, provider) => pool.ModelLoader = Loader<TData, TPrediction>(provider, modelName));
        services.AddSingleton<IHostedService>(provider => new PoolStart(Loader<TData, TPrediction>(provider, modelName)));
        services.AddHealthChecks().Add(new HealthCheckRegistration(
            $"prediction-pool-{typeof(TData)}-{typeof(TPrediction)}{(modelName.Length == 0 ? "" : $"-{modelName}")}",
            provider => new PoolHealthCheck<TData, TPrediction>(Loader<TData, TPrediction>(provider, modelName)),
            failureStatus: null,
            tags: ["ready"]));
        return builder;
    }

    private static CheckedModelLoader<TData, TPrediction> Loader<TData, TPrediction>(IServiceProvider provider, string modelName)
        where TData : class
        where TPrediction : class, new() => provider.GetRequiredKeyedService<CheckedModelLoader<TData, TPrediction>>(modelName);
}
