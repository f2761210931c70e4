using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.ObjectPool;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Microsoft.ML;

namespace Microsoft.Extensions.ML;

/// <summary>The engines of one model; a reload of the model replaces them all.</summary>
internal sealed class EnginePool<TData, TPrediction>
    where TData : class
    where TPrediction : class, new()
{
    private readonly MLContext _context;
    private ObjectPool<PredictionEngine<TData, TPrediction>> _engines;

    public EnginePool(IServiceProvider services, PredictionEnginePoolOptions<TData, TPrediction> options)
    {
        _context = services.GetRequiredService<IOptions<MLOptions>>().Value.MLContext;
        Loader = options.ModelLoader ?? throw new ArgumentNullException("poolOptions");
        Fill();
        ChangeToken.OnChange(Loader.GetReloadToken, Fill);
    }

    public ModelLoader Loader { get; }

    public PredictionEngine<TData, TPrediction> Get() => _engines.Get();

    public void Return(PredictionEngine<TData, TPrediction> engine) => _engines.Return(engine);

    private void Fill() => Interlocked.Exchange(
        ref _engines,
        new DefaultObjectPool<PredictionEngine<TData, TPrediction>>(new Policy(_context, Loader.GetModel())));

    private sealed class Policy(MLContext context, ITransformer model) : PooledObjectPolicy<PredictionEngine<TData, TPrediction>>
    {
        public override PredictionEngine<TData, TPrediction> Create() =>
            context.Model.CreatePredictionEngine<TData, TPrediction>(model);

        public override bool Return(PredictionEngine<TData, TPrediction> engine) => true;
    }
}
