namespace MLNetLlm.Transforms;

/// <summary>
/// A model that a transformer and everything made from it use together. Disposing the transformer, which a prediction
/// engine does by default, gives up the transformer's share; cursors and other engines that are still at work keep the
/// model until they are done.
/// </summary>
internal sealed class SharedModel<T>(T model, bool owned) where T : class, IDisposable
{
    private readonly Lock gate = new();
    private T? model = model;
    private int holders = 1;
    private bool released;

    public T Value => model ?? throw Disposed();

    public IDisposable Hold()
    {
        lock (gate)
        {
            if (released)
                throw Disposed();
            holders++;
        }
        return new Holder(this);
    }

    /// <summary>Gives up the transformer's own share; further calls do nothing.</summary>
    public void Release()
    {
        lock (gate)
        {
            if (released)
                return;
            released = true;
        }
        LetGo(dispose: true);
    }

    private void LetGo(bool dispose)
    {
        T? last = null;
        lock (gate)
        {
            if (--holders == 0)
                (last, model) = (model, null);
        }
        // From a finalizer nothing is disposed: the model's own finalizers free it, in whatever order.
        if (owned && dispose)
            last?.Dispose();
    }

    private static ObjectDisposedException Disposed() => new(
        typeof(T).Name, "The transformer was disposed. Disposing a prediction engine disposes its transformer, unless it was created with PredictionEngineOptions.OwnsTransformer = false.");

    private sealed class Holder(SharedModel<T> shared) : IDisposable
    {
        private int done;

        ~Holder() => LetGo(dispose: false);

        public void Dispose()
        {
            LetGo(dispose: true);
            GC.SuppressFinalize(this);
        }

        private void LetGo(bool dispose)
        {
            if (Interlocked.Exchange(ref done, 1) == 0)
                shared.LetGo(dispose);
        }
    }
}
