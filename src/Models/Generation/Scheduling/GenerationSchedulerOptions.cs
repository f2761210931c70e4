namespace MLNetLlm.Models;

/// <summary>Size of a <see cref="GenerationScheduler"/>.</summary>
public sealed record GenerationSchedulerOptions
{
    /// <summary>Most texts that are generated at once; at least 1; memory for their keys and values is reserved.</summary>
    public int SlotCount { get; init; } = 8;

    /// <summary>Most tokens of a text, prompt and continuation together, 1 to the network's context length; <see langword="null"/> is that length.</summary>
    public int? SlotCapacity { get; init; }

    /// <summary>Most requests that wait for a slot; a further one is refused with a <see cref="SchedulerFullException"/>. 0 or more.</summary>
    public int QueueCapacity { get; init; } = 128;

    /// <summary>Most tokens of prompts that are read between two tokens of the running texts, at least 1.</summary>
    public int PromptTokensPerStep { get; init; } = 512;

    /// <summary>What metrics call the model.</summary>
    public string ModelName { get; init; } = "";

    internal void Validate()
    {
        if (QueueCapacity < 0)
        {
            throw new ArgumentException($"{nameof(GenerationSchedulerOptions)}.{nameof(QueueCapacity)} must be at least 0, but is {QueueCapacity}.", nameof(QueueCapacity));
        }

        ArgumentNullException.ThrowIfNull(ModelName);
    }
}

/// <summary>A scheduler's queue is full: try again later.</summary>
public sealed class SchedulerFullException(int queueCapacity)
    : InvalidOperationException($"{queueCapacity} requests wait already; try again later.")
{
    /// <summary>How many requests may wait.</summary>
    public int QueueCapacity { get; } = queueCapacity;
}

/// <summary>What a <see cref="GenerationScheduler"/> does and has done.</summary>
/// <param name="Queued">Requests that wait for a slot.</param>
/// <param name="Running">Requests that have one.</param>
/// <param name="FinishedRequests">Requests that have ended, for whatever reason.</param>
/// <param name="RefusedRequests">Requests that found the queue full.</param>
/// <param name="PromptTokens">Tokens of the prompts of all requests that got a slot.</param>
/// <param name="GeneratedTokens">Tokens written.</param>
/// <param name="Steps">Steps done; a step gives each running text a token.</param>
public sealed record SchedulerStatistics(
    int Queued, int Running, long FinishedRequests, long RefusedRequests, long PromptTokens, long GeneratedTokens, long Steps);
