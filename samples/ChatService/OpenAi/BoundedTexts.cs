using System.Runtime.CompilerServices;
using MLNetLlm.Models;

namespace ChatService.OpenAi;

/// <summary>Reads a text within a bound of time, and tells apart why it broke off.</summary>
internal static class BoundedTexts
{
    /// <param name="start">Asks for the text.</param>
    /// <param name="bound">Longest time, waiting included.</param>
    /// <param name="clientGone">Frees the text's slot within a token, as does to stop reading.</param>
    /// <exception cref="TimeoutException">The time is over.</exception>
    /// <exception cref="ServiceStoppingException">The service is shutting down.</exception>
    public static async IAsyncEnumerable<GeneratedChunk> ReadAsync(
        Func<CancellationToken, IAsyncEnumerable<GeneratedChunk>> start, TimeSpan bound, [EnumeratorCancellation] CancellationToken clientGone)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(clientGone);
        deadline.CancelAfter(bound);
        await using var reader = Start(start, deadline.Token).GetAsyncEnumerator(deadline.Token);
        while (await MoveNextAsync(reader, bound, deadline, clientGone))
        {
            yield return reader.Current.FinishReason == FinishReason.Cancelled ? throw new ServiceStoppingException() : reader.Current;
        }
    }

    private static IAsyncEnumerable<GeneratedChunk> Start(Func<CancellationToken, IAsyncEnumerable<GeneratedChunk>> start, CancellationToken deadline)
    {
        try
        {
            return start(deadline);
        }
        catch (ObjectDisposedException)
        {
            throw new ServiceStoppingException();
        }
    }

    private static async Task<bool> MoveNextAsync(
        IAsyncEnumerator<GeneratedChunk> reader, TimeSpan bound, CancellationTokenSource deadline, CancellationToken clientGone)
    {
        try
        {
            return await reader.MoveNextAsync();
        }
        catch (ObjectDisposedException)
        {
            throw new ServiceStoppingException();
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !clientGone.IsCancellationRequested)
        {
            throw new TimeoutException($"The request took longer than {bound.TotalSeconds:0.#} seconds.");
        }
    }
}

/// <summary>The service has been told to stop.</summary>
internal sealed class ServiceStoppingException() : Exception("The service is shutting down.");
