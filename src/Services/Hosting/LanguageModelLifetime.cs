using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MLNetLlm.Models;

namespace MLNetLlm.Services;

/// <summary>
/// Loads and warms up a model when the service starts, and lets running replies finish, within a bound, when it stops.
/// </summary>
internal sealed class LanguageModelLifetime(LanguageModelHost model, ILogger<LanguageModelLifetime> logger, TimeProvider time) : IHostedLifecycleService
{
    private readonly CancellationTokenSource stopping = new();
    private Task loaded = Task.CompletedTask;
    private Task stopped = Task.CompletedTask;
    private CancellationTokenSource? bound;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (!model.Options.LoadInBackground)
        {
            return LoadAsync(cancellationToken);
        }

        loaded = LoadInBackgroundAsync(stopping.Token);
        return Task.CompletedTask;
    }

    // The web server stops between this and StopAsync, and waits for its streams: they have to know by now that they shall end.
    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        BeginStop();
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        BeginStop();
        // The host's patience counts too.
        await using var registration = cancellationToken.Register(bound!.Cancel).ConfigureAwait(false);
        await stopped.ConfigureAwait(false);
        await loaded.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        bound.Dispose();
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private void BeginStop()
    {
        if (bound is null)
        {
            stopping.Cancel();
            bound = new CancellationTokenSource(model.Options.StopTimeout, time);
            stopped = model.StopAsync(bound.Token);
        }
    }

    private async Task LoadInBackgroundAsync(CancellationToken cancellationToken)
    {
        try
        {
            await LoadAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            logger.LogInformation("The language model '{Model}' is no longer needed: the service stops", model.ModelId);
        }
        catch (Exception exception)
        {
            // Nobody waits for this task: the log and the health check have to say it.
            logger.LogCritical(exception, "The language model '{Model}' could not be loaded", model.ModelId);
        }
    }

    private async Task LoadAsync(CancellationToken cancellationToken)
    {
        var begun = time.GetTimestamp();
        await Task.Run(model.Load, cancellationToken).ConfigureAwait(false);
        if (model.Options.WarmUp)
        {
            await WarmUpAsync(cancellationToken).ConfigureAwait(false);
        }

        logger.LogInformation("The language model '{Model}' is ready after {Seconds:0.0} s", model.ModelId, time.GetElapsedTime(begun).TotalSeconds);
    }

    private async Task WarmUpAsync(CancellationToken cancellationToken)
    {
        if (!model.CanGenerate)
        {
            await Task.Run(() => model.Model.AsEmbeddingGenerator(model.Options.Embedding(model.ModelId)).GenerateAsync(["warm-up"], null, cancellationToken), cancellationToken).ConfigureAwait(false);
            return;
        }

        await foreach (var _ in model.Scheduler.GenerateAsync([0], new GenerationOptions { MaximumNewTokens = 1 }, cancellationToken).ConfigureAwait(false))
        {
            // What it writes is of no interest.
        }
    }
}
