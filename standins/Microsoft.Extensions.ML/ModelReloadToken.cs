using Microsoft.Extensions.Primitives;

namespace Microsoft.Extensions.ML;

public class ModelReloadToken : IChangeToken
{
    private readonly CancellationTokenSource _reloaded = new();

    public bool ActiveChangeCallbacks => true;

    public bool HasChanged => _reloaded.IsCancellationRequested;

    public IDisposable RegisterChangeCallback(Action<object> callback, object state) => _reloaded.Token.Register(callback, state);

    public void OnReload() => _reloaded.Cancel();
}
