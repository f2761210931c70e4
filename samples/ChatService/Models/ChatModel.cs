using System.Runtime.CompilerServices;
using MLNetLlm.Models;

namespace ChatService;

/// <summary>
/// The one language model of the service, shared by all requests: its template, and the scheduler in which the texts of many
/// clients grow together. Owns and frees them.
/// </summary>
internal sealed class ChatModel : IAsyncDisposable
{
    private readonly GenerationScheduler scheduler;
    private readonly TimeSpan requestTimeout;

    public ChatModel(LanguageModel languageModel, ChatTemplate template, ServiceSettings settings)
    {
        LanguageModel = languageModel;
        Name = settings.ModelName;
        Encoder = new ChatEncoder(languageModel.Tokenizer, template);
        requestTimeout = settings.RequestTimeout;
        MaximumNewTokens = Math.Min(settings.MaximumNewTokens, languageModel.Config.ContextLength);
        scheduler = new GenerationScheduler(languageModel, new GenerationSchedulerOptions
        {
            SlotCount = settings.Slots,
            QueueCapacity = settings.QueueCapacity,
            ModelName = settings.ModelName,
        });
    }

    public LanguageModel LanguageModel { get; }

    public string Name { get; }

    public DateTimeOffset Loaded { get; } = DateTimeOffset.UtcNow;

    public ChatEncoder Encoder { get; }

    public int ContextLength => LanguageModel.Config.ContextLength;

    public int MaximumNewTokens { get; }

    public SchedulerStatistics Statistics => scheduler.Statistics;

    /// <summary>Queues a request; what is returned reads its text.</summary>
    /// <param name="prompt">Token ids.</param>
    /// <param name="options">How to continue them.</param>
    /// <param name="clientGone">Frees the slot within a token.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="SchedulerFullException">Too many requests wait.</exception>
    /// <exception cref="ServiceStoppingException">The service takes no more requests.</exception>
    public IAsyncEnumerable<GeneratedChunk> Generate(int[] prompt, GenerationOptions options, CancellationToken clientGone)
    {
        var deadline = CancellationTokenSource.CreateLinkedTokenSource(clientGone);
        try
        {
            deadline.CancelAfter(requestTimeout);
            return ReadAsync(scheduler.GenerateAsync(prompt, options, deadline.Token), deadline, clientGone);
        }
        catch (ObjectDisposedException)
        {
            deadline.Dispose();
            throw new ServiceStoppingException();
        }
        catch
        {
            deadline.Dispose();
            throw;
        }
    }

    /// <summary>Takes no more requests and waits for those it has.</summary>
    /// <param name="graceEnded">Ends those that still run.</param>
    public Task StopAsync(CancellationToken graceEnded) => scheduler.StopAsync(graceEnded);

    public async ValueTask DisposeAsync()
    {
        await scheduler.DisposeAsync();
        LanguageModel.Dispose();
    }

    private async IAsyncEnumerable<GeneratedChunk> ReadAsync(
        IAsyncEnumerable<GeneratedChunk> chunks, CancellationTokenSource deadline, CancellationToken clientGone,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var end = deadline;
        await using var reader = chunks.GetAsyncEnumerator(cancellationToken);
        while (await MoveNextAsync(reader, deadline, clientGone))
        {
            if (reader.Current.FinishReason == FinishReason.Cancelled)
            {
                throw deadline.IsCancellationRequested ? TimedOut() : new ServiceStoppingException();
            }

            yield return reader.Current;
        }
    }

    private async Task<bool> MoveNextAsync(IAsyncEnumerator<GeneratedChunk> reader, CancellationTokenSource deadline, CancellationToken clientGone)
    {
        try
        {
            return await reader.MoveNextAsync();
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !clientGone.IsCancellationRequested)
        {
            throw TimedOut();
        }
    }

    private TimeoutException TimedOut() => new($"The request took longer than {requestTimeout.TotalSeconds:0.#} seconds.");
}

/// <summary>The service has been told to stop.</summary>
internal sealed class ServiceStoppingException() : Exception("The service is shutting down.");
