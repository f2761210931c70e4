using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.ML;

namespace MLNetLlm.Services;

/// <summary>Loads a pool's model when the service starts, so that it does not start without one.</summary>
internal sealed class PoolStart(ModelLoader loader) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => Task.Run(loader.GetModel, cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
