using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MLNetLlm.Services;

/// <summary>Unhealthy without a model; degraded while the newest one cannot be taken and the one before serves; else healthy.</summary>
internal sealed class PoolHealthCheck<TData, TPrediction>(CheckedModelLoader<TData, TPrediction> loader) : IHealthCheck
    where TData : class
    where TPrediction : class, new()
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var status = loader.Status;
        var data = new Dictionary<string, object> { ["loads"] = status.Loads };
        if (status.LoadedAt is { } loadedAt)
        {
            data["loaded_at"] = loadedAt;
        }

        return Task.FromResult(
            !status.IsLoaded ? new HealthCheckResult(context.Registration.FailureStatus, $"No model: {status.Failure?.Message ?? $"{loader.Description} was not loaded yet"}.", status.Failure, data)
            : status.Failure is { } failure ? HealthCheckResult.Degraded($"The model loaded at {status.LoadedAt:u} goes on serving; {loader.Description} cannot be taken: {failure.Message}", failure, data)
            : HealthCheckResult.Healthy($"Loaded {loader.Description}.", data));
    }
}
