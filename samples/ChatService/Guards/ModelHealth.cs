using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ChatService;

/// <summary>Whether the chat model takes requests.</summary>
internal sealed class ModelHealth(ChatModel model, ServiceSettings settings, IHostApplicationLifetime lifetime) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var statistics = model.Statistics;
        var state = $"{statistics.Running} texts are being written, {statistics.Queued} wait.";
        return Task.FromResult(lifetime.ApplicationStopping.IsCancellationRequested ? HealthCheckResult.Unhealthy("The service is shutting down.")
            : settings.QueueCapacity > 0 && statistics.Queued >= settings.QueueCapacity ? HealthCheckResult.Degraded($"The queue is full: {state}")
            : HealthCheckResult.Healthy(state));
    }
}
