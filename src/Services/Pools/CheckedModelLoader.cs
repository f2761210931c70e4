using Microsoft.Extensions.Logging;
using Microsoft.Extensions.ML;
using Microsoft.Extensions.Primitives;
using Microsoft.ML;

namespace MLNetLlm.Services;

/// <summary>
/// Loads a pool's model and, when it changes, the new one: it is loaded and tried out beside the one that serves, and takes its
/// place between two predictions. Where that fails, the old model goes on serving, the failure is logged once, and
/// <see cref="Status"/> has it. The weights are loaded once for all engines, and those of the old model are freed at once.
/// </summary>
/// <remarks>
/// Microsoft.Extensions.ML's own loaders leave three things open: after one damaged file they never again renew the pool; a file
/// that is replaced by renaming goes unseen; an engine that is out while the model changes goes back into the pool with the old one.
/// </remarks>
/// <typeparam name="TData">What predictions are made from.</typeparam>
/// <typeparam name="TPrediction">What is predicted.</typeparam>
public sealed class CheckedModelLoader<TData, TPrediction> : ModelLoader, IDisposable
    where TData : class
    where TPrediction : class, new()
{
    private readonly IModelSource source;
    private readonly MLContext context;
    private readonly CheckedModelOptions<TData, TPrediction> options;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly SemaphoreSlim turn = new(1);
    private readonly CancellationTokenSource stopping = new();
    private ReloadableTransformer? served;
    private ModelReloadToken reloadToken = new();
    private ITimer? timer;
    private ModelStatus status = new(IsLoaded: false, LoadedAt: null, Loads: 0, Failure: null);
    private string? servedStamp;
    private string? seenStamp;

    internal CheckedModelLoader(
        IModelSource source, MLContext context, CheckedModelOptions<TData, TPrediction> options, TimeProvider time, ILogger logger)
    {
        options.Validate();
        this.source = source;
        this.context = context;
        this.options = options;
        this.time = time;
        this.logger = logger;
    }

    /// <summary>How it stands with the model.</summary>
    public ModelStatus Status => Volatile.Read(ref status);

    internal string Description => source.Description;

    /// <summary>The transformer that always computes with the newest model.</summary>
    /// <exception cref="IOException">The first model cannot be had.</exception>
    public override ITransformer GetModel() => Volatile.Read(ref served) ?? LoadFirst();

    /// <summary>Changes when a new model serves.</summary>
    public override IChangeToken GetReloadToken() => Volatile.Read(ref reloadToken);

    /// <summary>Looks now whether there is another model, and takes it; otherwise that happens by itself, at regular times.</summary>
    /// <returns>Whether a new model serves. When it is so, no prediction is made by the old one any more.</returns>
    public async Task<bool> LookAsync(CancellationToken cancellationToken = default)
    {
        await turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await TryTakeAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Stops looking and frees the model.</summary>
    public void Dispose()
    {
        stopping.Cancel();
        timer?.Dispose();
        turn.Wait();
        served?.Dispose();
        turn.Release();
    }

    private ITransformer LoadFirst()
    {
        if (!LookAsync().GetAwaiter().GetResult() && Volatile.Read(ref served) is null)
        {
            throw new InvalidOperationException($"The pool has no model: {Status.Failure?.Message}", Status.Failure);
        }

        return served!;
    }

    private async Task<bool> TryTakeAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var version = await source.LookAsync(seenStamp, cancellationToken).ConfigureAwait(false);
            if (version is null || version.Stamp == servedStamp)
            {
                seenStamp = version?.Stamp ?? seenStamp;
                RecoverIfServedIsBack();
                return false;
            }

            var model = Load(version);
            // Only what was read to its end counts as seen: a file that is being written to has another stamp soon.
            (seenStamp, servedStamp) = (version.Stamp, version.Stamp);
            Take(model);
            return true;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            Fail(exception);
            return false;
        }
    }

    private ITransformer Load(ModelVersion version)
    {
        try
        {
            var model = context.Model.Load(version.Content, out _);
            try
            {
                TryOut(model);
                return source.IsStill(version.Stamp) ? model : throw new IOException($"{source.Description} was written to while it was read.");
            }
            catch
            {
                (model as IDisposable)?.Dispose();
                throw;
            }
        }
        catch (Exception exception) when (exception is not IOException || exception is EndOfStreamException)
        {
            // The same bytes will not do better the next time.
            seenStamp = version.Stamp;
            throw;
        }
    }

    private void TryOut(ITransformer model)
    {
        // ML.NET disposes of no rows that an engine makes of its input; without this they would keep the model's memory.
        var candidate = new ReloadableTransformer(model);
        try
        {
            using var engine = context.Model.CreatePredictionEngine<TData, TPrediction>(candidate, new PredictionEngineOptions { OwnsTransformer = false });
            if (served is not null)
            {
                var input = context.Data.LoadFromEnumerable(Array.Empty<TData>()).Schema;
                PredictedColumns.RequireSame(typeof(TPrediction), served.GetOutputSchema(input), engine.OutputSchema);
            }

            options.Check?.Invoke(engine);
        }
        finally
        {
            candidate.LetGo();
        }
    }

    private void Take(ITransformer model)
    {
        if (served is null)
        {
            Volatile.Write(ref served, new ReloadableTransformer(model));
            timer = time.CreateTimer(_ => _ = LookAgainAsync(), null, options.Period, options.Period);
        }
        else
        {
            served.Replace(model);
        }

        Volatile.Write(ref status, new ModelStatus(IsLoaded: true, time.GetUtcNow(), status.Loads + 1, Failure: null));
        logger.LogInformation("Loaded {Source}, version {Stamp}", source.Description, servedStamp);
        Interlocked.Exchange(ref reloadToken, new ModelReloadToken()).OnReload();
    }

    private async Task LookAgainAsync()
    {
        try
        {
            await LookAsync(stopping.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            logger.LogDebug("No more looks at {Source}", source.Description);
        }
    }

    private void RecoverIfServedIsBack()
    {
        if (seenStamp == servedStamp && status.Failure is not null)
        {
            Volatile.Write(ref status, status with { Failure = null });
            logger.LogInformation("{Source} is again the model that serves", source.Description);
        }
    }

    private void Fail(Exception exception)
    {
        if (status.Failure?.Message != exception.Message)
        {
            logger.LogError(exception, "{Source} cannot be taken{Consequence}", source.Description, status.IsLoaded ? "; the model loaded before goes on serving" : "");
        }

        Volatile.Write(ref status, status with { Failure = exception });
    }
}
