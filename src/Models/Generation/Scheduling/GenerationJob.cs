using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace MLNetLlm.Models;

/// <summary>A request on its way through a <see cref="GenerationScheduler"/>.</summary>
/// <remarks>
/// What it has written waits here until it is read: at most <see cref="GenerationOptions.MaximumNewTokens"/> chunks, so that a
/// slow reader holds up nobody.
/// </remarks>
internal sealed class GenerationJob(Continuation continuation, Action<GenerationJob> cancel)
{
    private readonly Channel<GeneratedChunk> chunks = Channel.CreateUnbounded<GeneratedChunk>(new UnboundedChannelOptions
    {
        SingleReader = true,
        SingleWriter = true,
        AllowSynchronousContinuations = false,
    });

    private CancellationTokenRegistration registration;
    private volatile bool isCancelled;
    private volatile bool isComplete;

    public Continuation Continuation => continuation;

    public GenerationSequence Sequence => continuation.Sequence;

    /// <summary>Whether nobody wants the text any more.</summary>
    public bool IsCancelled => isCancelled;

    public long Submitted { get; } = Stopwatch.GetTimestamp();

    public long? FirstToken { get; set; }

    public void CancelWith(CancellationToken token)
    {
        registration = token.Register(Cancel);
        if (isComplete)
        {
            registration.Unregister();
        }
    }

    public void Cancel()
    {
        isCancelled = true;
        cancel(this);
    }

    /// <summary>Gives out what is new.</summary>
    public void Publish()
    {
        if (continuation.TakeChunk() is { } chunk)
        {
            chunks.Writer.TryWrite(chunk);
        }
    }

    public void Complete(Exception? failure)
    {
        isComplete = true;
        registration.Unregister();
        chunks.Writer.TryComplete(failure);
    }

    public async IAsyncEnumerable<GeneratedChunk> ReadAsync(CancellationToken submitted, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(submitted, cancellationToken);
        try
        {
            await foreach (var chunk in chunks.Reader.ReadAllAsync(both.Token).ConfigureAwait(false))
            {
                // What was written before a cancellation is not asked for any more.
                both.Token.ThrowIfCancellationRequested();
                yield return chunk;
            }
        }
        finally
        {
            // To stop reading is to cancel; a job that has ended takes no notice.
            Cancel();
        }
    }
}
