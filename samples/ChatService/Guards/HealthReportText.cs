using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ChatService;

/// <param name="Status">Healthy, Degraded or Unhealthy: the worst of the checks.</param>
/// <param name="Checks">What each check found.</param>
internal sealed record HealthReportText(string Status, IReadOnlyDictionary<string, HealthCheckText> Checks)
{
    public static HealthReportText Of(HealthReport report) => new(
        report.Status.ToString(),
        report.Entries.ToDictionary(entry => entry.Key, entry => new HealthCheckText(entry.Value.Status.ToString(), entry.Value.Description)));
}

internal sealed record HealthCheckText(string Status, string? Description);
