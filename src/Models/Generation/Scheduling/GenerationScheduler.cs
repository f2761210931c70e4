using System.Diagnostics;

namespace MLNetLlm.Models;

/// <summary>
/// Generates the texts of many callers at once: a thread of its own steps one <see cref="GenerationEngine"/>, in which requests
/// join and leave between two tokens, first come first served. Any number of threads may call it.
/// </summary>
/// <remarks>Metrics: the meter <c>MLNetLlm.Generation</c> (see <see cref="MeterName"/>).</remarks>
public sealed class GenerationScheduler : IAsyncDisposable
{
    /// <summary>Name of the meter that measures all schedulers.</summary>
    public const string MeterName = SchedulerMetrics.MeterName;

    private readonly LanguageModel model;
    private readonly GenerationSchedulerOptions options;
    private readonly GenerationEngine engine;
    private readonly SchedulerMetrics metrics;
    private readonly RequestQueue queue;
    private readonly Dictionary<GenerationSequence, GenerationJob> running = [];
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long promptTokens;
    private long generatedTokens;
    private long finishedRequests;
    private long steps;
    private int runningCount;

    /// <summary>Reserves memory and starts the thread.</summary>
    /// <param name="model">Stays the caller's, and must outlive the scheduler.</param>
    /// <param name="options">How much is generated at once.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="NotSupportedException">The network looks both ways (BERT) and cannot continue a text.</exception>
    public GenerationScheduler(LanguageModel model, GenerationSchedulerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        this.options = options ?? new GenerationSchedulerOptions();
        this.options.Validate();
        this.model = model;
        metrics = new SchedulerMetrics(this.options.ModelName);
        engine = new GenerationEngine(model.Network, new GenerationEngineOptions
        {
            SlotCount = this.options.SlotCount,
            SlotCapacity = this.options.SlotCapacity,
            PromptTokensPerStep = this.options.PromptTokensPerStep,
            VocabularySize = model.Tokenizer.VocabularySize,
            EndOfTextId = model.Tokenizer.EndOfTextId,
        });
        queue = new RequestQueue(this.options.SlotCount, this.options.QueueCapacity, metrics);
        new Thread(Run) { IsBackground = true, Name = nameof(GenerationScheduler) }.Start();
    }

    /// <summary>The model whose texts it generates.</summary>
    public LanguageModel Model => model;

    /// <summary>How it was set up.</summary>
    public GenerationSchedulerOptions Options => options;

    /// <summary>Most tokens of a text, prompt and continuation together.</summary>
    public int SlotCapacity => options.SlotCapacity ?? model.Config.ContextLength;

    /// <summary>What it does and has done.</summary>
    public SchedulerStatistics Statistics => new(
        queue.Count, Volatile.Read(ref runningCount), Volatile.Read(ref finishedRequests), queue.RefusedCount,
        Volatile.Read(ref promptTokens), Volatile.Read(ref generatedTokens), Volatile.Read(ref steps));

    /// <summary>Continues a text. The request is queued by the call itself; what is returned only reads its tokens.</summary>
    /// <param name="prompt">How it begins; nothing at all starts a new text.</param>
    /// <param name="generation">How to continue it.</param>
    /// <param name="cancellationToken">Ends the work within a token and frees its slot, as does to stop reading.</param>
    /// <returns>Pieces of the text; the last one says why it ended. May be read once.</returns>
    /// <exception cref="ArgumentException">An option is out of range, or the prompt is too long.</exception>
    /// <exception cref="SchedulerFullException">The queue is full.</exception>
    /// <exception cref="ObjectDisposedException">The scheduler has stopped.</exception>
    public IAsyncEnumerable<GeneratedChunk> GenerateAsync(
        string prompt, GenerationOptions? generation = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        return GenerateAsync(PromptEncoder.Encode(model.Tokenizer, prompt), generation, cancellationToken);
    }

    /// <summary>Continues a text. The request is queued by the call itself; what is returned only reads its tokens.</summary>
    /// <param name="prompt">Token ids of its beginning; none at all starts a new text.</param>
    /// <inheritdoc cref="GenerateAsync(string, GenerationOptions?, CancellationToken)"/>
    public IAsyncEnumerable<GeneratedChunk> GenerateAsync(
        int[] prompt, GenerationOptions? generation = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        var sequence = engine.CreateSequence(PromptEncoder.StartIfEmpty(model.Tokenizer, prompt), generation);
        var job = new GenerationJob(new Continuation(sequence, model.Tokenizer), queue.Forget);
        if (cancellationToken.IsCancellationRequested)
        {
            job.Complete(new OperationCanceledException(cancellationToken));
        }
        else
        {
            queue.Add(job);
            job.CancelWith(cancellationToken);
        }

        return job.ReadAsync(cancellationToken);
    }

    /// <summary>Takes no more requests and waits for those it has.</summary>
    /// <param name="cancellationToken">Ends those that are not finished by then, each with a last chunk of <see cref="FinishReason.Cancelled"/>.</param>
    public async Task StopAsync(CancellationToken cancellationToken = default)
    {
        queue.Close(endsRunning: false);
        await using var registration = cancellationToken.Register(() => queue.Close(endsRunning: true)).ConfigureAwait(false);
        await ended.Task.ConfigureAwait(false);
    }

    /// <summary>Ends all requests, each with a last chunk of <see cref="FinishReason.Cancelled"/>, and frees the memory.</summary>
    public async ValueTask DisposeAsync()
    {
        queue.Close(endsRunning: true);
        await ended.Task.ConfigureAwait(false);
    }

    private void Run()
    {
        try
        {
            ComputingThreads.FitTo(model.Network);
            while (queue.WaitForWork(engine.SequenceCount > 0))
            {
                EndUnwanted();
                Admit();
                Step();
            }
        }
        finally
        {
            engine.Dispose();
            ended.SetResult();
        }
    }

    private void EndUnwanted()
    {
        foreach (var job in running.Values.Where(job => job.IsCancelled || queue.EndsRunning).ToArray())
        {
            engine.Remove(job.Sequence, FinishReason.Cancelled);
            job.Continuation.Advance(engine);
            End(job, null);
        }
    }

    private void Admit()
    {
        while (engine.FreeSlotCount > 0 && queue.Take() is { } job)
        {
            if (queue.EndsRunning)
            {
                job.Sequence.Finish(FinishReason.Cancelled);
            }

            running.Add(job.Sequence, job);
            metrics.Running(1);
            Volatile.Write(ref runningCount, running.Count);
            Volatile.Write(ref promptTokens, promptTokens + job.Sequence.PromptTokens);
            engine.Admit(job.Sequence);
            if (job.Sequence.IsFinished)
            {
                End(job, null);
            }
        }
    }

    private void Step()
    {
        if (engine.SequenceCount == 0)
        {
            return;
        }

        IReadOnlyList<GenerationSequence> advanced;
        try
        {
            advanced = engine.Step();
        }
        catch (Exception exception)
        {
            // Whatever it is, the callers have to know, and the next requests may fare better.
            EndAll(exception);
            return;
        }

        metrics.Stepped(advanced.Count);
        Volatile.Write(ref steps, steps + 1);
        Volatile.Write(ref generatedTokens, generatedTokens + advanced.Count);
        foreach (var sequence in advanced.Distinct())
        {
            Advance(running[sequence]);
        }
    }

    private void Advance(GenerationJob job)
    {
        if (job.FirstToken is null)
        {
            job.FirstToken = Stopwatch.GetTimestamp();
            metrics.FirstToken(job);
        }

        if (job.Continuation.Advance(engine))
        {
            job.Publish();
        }
        else
        {
            End(job, job.Sequence.Failure);
        }
    }

    private void EndAll(Exception failure)
    {
        foreach (var job in running.Values.ToArray())
        {
            engine.Remove(job.Sequence, FinishReason.Cancelled);
            End(job, failure);
        }
    }

    private void End(GenerationJob job, Exception? failure)
    {
        running.Remove(job.Sequence);
        queue.ReleaseSlot();
        metrics.Running(-1);
        metrics.Finished(job, failure is null ? job.Continuation.FinishReason!.Value.ToString() : "Error");
        Volatile.Write(ref runningCount, running.Count);
        Volatile.Write(ref finishedRequests, finishedRequests + 1);
        if (failure is null)
        {
            job.Publish();
        }

        job.Complete(failure);
    }
}
