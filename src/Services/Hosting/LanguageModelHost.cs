using Microsoft.Extensions.AI;
using MLNetLlm.Models;

namespace MLNetLlm.Services;

/// <summary>
/// The language model of a service: its weights, loaded once, and the scheduler that generates with them. A singleton, which the
/// container disposes of.
/// </summary>
public sealed class LanguageModelHost : IAsyncDisposable, IDisposable
{
    private readonly IServiceProvider services;
    private readonly LanguageModelOptions options;
    private readonly Lock loading = new();
    private readonly Lock gate = new();
    private LanguageModel? model;
    private GenerationScheduler? scheduler;
    private Exception? failure;
    private bool isStopped;

    internal LanguageModelHost(IServiceProvider services, string? name, LanguageModelOptions options)
    {
        this.services = services;
        this.options = options;
        ModelId = options.ModelId
            ?? (string.IsNullOrEmpty(name) ? options.Directory is { } directory ? new DirectoryInfo(directory).Name : "language-model" : name);
    }

    /// <summary>What the model is called.</summary>
    public string ModelId { get; }

    /// <summary>Whether the weights are there.</summary>
    public bool IsLoaded => Volatile.Read(ref model) is not null;

    /// <summary>Why loading failed; <see langword="null"/> if it did not, or was not tried.</summary>
    public Exception? Failure => Volatile.Read(ref failure);

    /// <summary>Whether the service is stopping: no more requests are taken.</summary>
    public bool IsStopped => Volatile.Read(ref isStopped);

    /// <summary>What the scheduler does and has done; <see langword="null"/> where nothing was generated yet.</summary>
    public SchedulerStatistics? Statistics => Volatile.Read(ref scheduler)?.Statistics;

    /// <summary>The model; loaded here, if the service has not done so at its start.</summary>
    /// <exception cref="InvalidOperationException">The model is still being loaded in the background, or could not be loaded.</exception>
    /// <exception cref="ObjectDisposedException">The service has stopped.</exception>
    public LanguageModel Model => Volatile.Read(ref model) ?? (options.LoadInBackground ? throw NotLoaded() : Load());

    /// <summary>Generates the texts of all callers together.</summary>
    /// <exception cref="NotSupportedException">The network looks both ways (BERT) and cannot write.</exception>
    /// <inheritdoc cref="Model"/>
    public GenerationScheduler Scheduler => Volatile.Read(ref scheduler) ?? CreateScheduler();

    internal LanguageModelOptions Options => options;

    internal bool CanGenerate => Model.Network.IsCausal;

    /// <summary>Loads the weights, unless they are there.</summary>
    internal LanguageModel Load()
    {
        lock (loading)
        {
            ObjectDisposedException.ThrowIf(IsStopped, this);
            if (model is not null)
            {
                return model;
            }

            try
            {
                var loaded = options.Load?.Invoke(services) ?? LanguageModel.Load(options.Directory!, options.Precision, options.Device);
                RequireChat(loaded);
                Volatile.Write(ref failure, null);
                Volatile.Write(ref model, loaded);
                return loaded;
            }
            catch (Exception exception)
            {
                Volatile.Write(ref failure, exception);
                throw;
            }
        }
    }

    /// <summary>Takes no more requests; those that run may finish until the token says otherwise.</summary>
    internal Task StopAsync(CancellationToken cancellationToken)
    {
        lock (gate)
        {
            Volatile.Write(ref isStopped, true);
            return scheduler?.StopAsync(cancellationToken) ?? Task.CompletedTask;
        }
    }

    /// <summary>Ends what runs and frees the weights.</summary>
    public async ValueTask DisposeAsync()
    {
        Volatile.Write(ref isStopped, true);
        GenerationScheduler? running;
        lock (gate)
        {
            running = scheduler;
        }

        if (running is not null)
        {
            await running.DisposeAsync().ConfigureAwait(false);
        }

        lock (loading)
        {
            model?.Dispose();
        }
    }

    /// <inheritdoc cref="DisposeAsync"/>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    internal IChatClient CreateChatClient()
    {
        var template = options.ChatTemplate ?? throw new InvalidOperationException(
            $"The language model '{ModelId}' has no chat client: set LanguageModelOptions.Template to the template that it was taught.");
        return Scheduler.AsChatClient(template, options.Chat(ModelId));
    }

    private void RequireChat(LanguageModel loaded)
    {
        if (options.ChatTemplate is not { } template)
        {
            return;
        }

        try
        {
            GenerationEngine.RequireCausal(loaded.Network);
            _ = new ChatEncoder(loaded.Tokenizer, template);
        }
        catch
        {
            loaded.Dispose();
            throw;
        }
    }

    private GenerationScheduler CreateScheduler()
    {
        var loaded = Model;
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(IsStopped, this);
            if (scheduler is null)
            {
                Volatile.Write(ref scheduler, new GenerationScheduler(loaded, options.Scheduling(ModelId)));
            }

            return scheduler!;
        }
    }

    private InvalidOperationException NotLoaded() => failure is null
        ? new InvalidOperationException($"The language model '{ModelId}' is still being loaded.")
        : new InvalidOperationException($"The language model '{ModelId}' could not be loaded: {failure.Message}", failure);
}
