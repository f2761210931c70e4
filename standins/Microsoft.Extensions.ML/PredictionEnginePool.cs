using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Microsoft.ML;

namespace Microsoft.Extensions.ML;

public class PredictionEnginePool<TData, TPrediction>
    where TData : class
    where TPrediction : class, new()
{
    private readonly IServiceProvider _services;
    private readonly IOptionsFactory<PredictionEnginePoolOptions<TData, TPrediction>> _options;
    private readonly EnginePool<TData, TPrediction> _default;
    private readonly ConcurrentDictionary<string, EnginePool<TData, TPrediction>> _named = new();

    public PredictionEnginePool(
        IServiceProvider serviceProvider,
        IOptions<MLOptions> mlContextOptions,
        IOptionsFactory<PredictionEnginePoolOptions<TData, TPrediction>> predictionEngineOptions)
    {
        // Asking for the options makes the context before the first model is loaded with it.
        _ = mlContextOptions.Value;
        _services = serviceProvider;
        _options = predictionEngineOptions;
        PredictionEnginePoolOptions<TData, TPrediction> options = predictionEngineOptions.Create(string.Empty);
        _default = options.ModelLoader is null ? null : new EnginePool<TData, TPrediction>(serviceProvider, options);
    }

    public ITransformer GetModel() => _default.Loader.GetModel();

    public ITransformer GetModel(string modelName) => Named(modelName).Loader.GetModel();

    public PredictionEngine<TData, TPrediction> GetPredictionEngine() => GetPredictionEngine(string.Empty);

    public PredictionEngine<TData, TPrediction> GetPredictionEngine(string modelName)
    {
        if (!string.IsNullOrEmpty(modelName))
        {
            return Named(modelName).Get();
        }

        return _default is null
            ? throw new ArgumentException("You need to configure a default, not named, model before you use this method.")
            : _default.Get();
    }

    public void ReturnPredictionEngine(PredictionEngine<TData, TPrediction> engine) => ReturnPredictionEngine(string.Empty, engine);

    public void ReturnPredictionEngine(string modelName, PredictionEngine<TData, TPrediction> engine)
    {
        ArgumentNullException.ThrowIfNull(engine);
        (string.IsNullOrEmpty(modelName) ? _default : _named[modelName]).Return(engine);
    }

    private EnginePool<TData, TPrediction> Named(string modelName) =>
        _named.GetOrAdd(modelName, name => new EnginePool<TData, TPrediction>(_services, _options.Create(name)));
}
