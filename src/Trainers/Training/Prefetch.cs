using System.Collections.Concurrent;

namespace MLNetLlm.Trainers;

/// <summary>Runs an enumeration a few elements ahead on a thread of its own, so that batches are ready when the model is.</summary>
internal static class Prefetch
{
    private const int ElementsAhead = 4;

    public static IEnumerable<T> Ahead<T>(IEnumerable<T> source) where T : IDisposable
    {
        using var queue = new BlockingCollection<T>(ElementsAhead);
        using var stop = new CancellationTokenSource();
        var producer = Task.Factory.StartNew(() => Produce(source, queue, stop.Token), TaskCreationOptions.LongRunning);
        try
        {
            foreach (var element in queue.GetConsumingEnumerable())
            {
                yield return element;
            }

            producer.GetAwaiter().GetResult();
        }
        finally
        {
            stop.Cancel();
            ((IAsyncResult)producer).AsyncWaitHandle.WaitOne();
            while (queue.TryTake(out var unused))
            {
                unused.Dispose();
            }
        }
    }

    private static void Produce<T>(IEnumerable<T> source, BlockingCollection<T> queue, CancellationToken stop) where T : IDisposable
    {
        try
        {
            foreach (var element in source)
            {
                if (!TryAdd(element, queue, stop))
                {
                    return;
                }
            }
        }
        finally
        {
            queue.CompleteAdding();
        }
    }

    private static bool TryAdd<T>(T element, BlockingCollection<T> queue, CancellationToken stop) where T : IDisposable
    {
        while (!stop.IsCancellationRequested)
        {
            if (queue.TryAdd(element, millisecondsTimeout: 20))
            {
                return true;
            }
        }

        element.Dispose();
        return false;
    }
}
