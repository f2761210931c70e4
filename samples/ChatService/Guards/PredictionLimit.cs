using System.Threading.RateLimiting;
using Microsoft.AspNetCore.RateLimiting;

namespace ChatService;

/// <summary>Bounds the predictions at work and those that wait; the scheduler does the same for texts.</summary>
internal static class PredictionLimit
{
    public const string Policy = "predictions";

    public static void Configure(RateLimiterOptions options, ServiceSettings settings)
    {
        options.AddConcurrencyLimiter(Policy, limit =>
        {
            limit.PermitLimit = settings.Predictions;
            limit.QueueLimit = settings.PredictionQueue;
            limit.QueueProcessingOrder = QueueProcessingOrder.OldestFirst;
        });
        options.OnRejected = (rejected, _) => new ValueTask(FailureWriter.WriteAsync(
            rejected.HttpContext, Failure.TooManyRequests($"{settings.PredictionQueue} requests wait already; try again later.")));
    }
}
