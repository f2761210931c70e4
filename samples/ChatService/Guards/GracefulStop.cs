namespace ChatService;

/// <summary>
/// When the service is told to stop, its texts may go on for a while; then they end with an error that says so. The web server
/// waits for them, so none is cut off.
/// </summary>
internal sealed partial class GracefulStop(ChatModel model, ServiceSettings settings, IHostApplicationLifetime lifetime, ILogger<GracefulStop> logger) : IHostedService
{
    /// <summary>How much longer than the texts the web server waits, for the last bytes to leave.</summary>
    public static readonly TimeSpan Margin = TimeSpan.FromSeconds(5);

    private CancellationTokenSource? grace;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        lifetime.ApplicationStopping.Register(Begin);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        grace?.Dispose();
        return Task.CompletedTask;
    }

    private void Begin()
    {
        var statistics = model.Statistics;
        Stopping(logger, statistics.Running, statistics.Queued, settings.ShutdownGrace);
        grace = new CancellationTokenSource(settings.ShutdownGrace);
        _ = model.StopAsync(grace.Token);
    }

    [LoggerMessage(LogLevel.Information, "Stopping: {Running} texts are being written and {Queued} wait; they have {Grace}.")]
    private static partial void Stopping(ILogger logger, int running, int queued, TimeSpan grace);
}
