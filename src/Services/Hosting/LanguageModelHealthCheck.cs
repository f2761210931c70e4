using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MLNetLlm.Services;

/// <summary>Unhealthy without a model, degraded while further requests would be refused, else healthy.</summary>
internal sealed class LanguageModelHealthCheck(LanguageModelHost model) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(Check(context.Registration.FailureStatus));

    private HealthCheckResult Check(HealthStatus failure)
    {
        if (model.IsStopped)
        {
            return new HealthCheckResult(failure, $"The language model '{model.ModelId}' takes no more requests: the service stops.");
        }

        if (!model.IsLoaded)
        {
            return new HealthCheckResult(
                failure,
                model.Failure is { } exception
                    ? $"The language model '{model.ModelId}' could not be loaded: {exception.Message}"
                    : $"The language model '{model.ModelId}' is not loaded yet.",
                model.Failure);
        }

        if (model.Statistics is not { } statistics)
        {
            return HealthCheckResult.Healthy($"The language model '{model.ModelId}' is loaded.");
        }

        var data = new Dictionary<string, object>
        {
            ["queued"] = statistics.Queued,
            ["running"] = statistics.Running,
            ["finished"] = statistics.FinishedRequests,
            ["refused"] = statistics.RefusedRequests,
        };
        return statistics.Running >= model.Options.SlotCount && statistics.Queued >= model.Options.QueueCapacity
            ? HealthCheckResult.Degraded($"The queue of the language model '{model.ModelId}' is full; further requests are refused.", data: data)
            : HealthCheckResult.Healthy($"The language model '{model.ModelId}' takes requests.", data);
    }
}
