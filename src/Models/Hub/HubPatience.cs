namespace MLNetLlm.Models;

/// <summary>Waits for a server step by step, and takes silence and broken connections for what may go well next time.</summary>
internal sealed class HubPatience(TimeSpan limit, CancellationToken caller) : IDisposable
{
    private readonly CancellationTokenSource source = CancellationTokenSource.CreateLinkedTokenSource(caller);

    /// <summary>One step.</summary>
    /// <param name="step">Reads from or writes to the network, and does nothing else.</param>
    /// <param name="server">What the message of a failure calls the other side.</param>
    /// <exception cref="HubTransientFailure">The server is silent, or the connection broke.</exception>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public async ValueTask<T> WaitAsync<T>(Func<CancellationToken, ValueTask<T>> step, string server)
    {
        source.CancelAfter(limit);
        try
        {
            return await step(source.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (!caller.IsCancellationRequested)
        {
            throw new HubTransientFailure(
                FormattableString.Invariant($"{server} was silent for {limit.TotalSeconds:0.###} s."), innerException: exception);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            caller.ThrowIfCancellationRequested();
            throw new HubTransientFailure($"The connection to {server} failed: {exception.Message}", innerException: exception);
        }
        finally
        {
            // What the caller does between two steps, such as writing to a slow disk, is not the server's silence.
            source.CancelAfter(Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose() => source.Dispose();
}
