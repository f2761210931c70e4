namespace MLNetLlm.Models;

/// <summary>Requests that wait for a slot of a <see cref="GenerationScheduler"/>, in the order in which they came.</summary>
internal sealed class RequestQueue(int slotCount, int capacity, SchedulerMetrics metrics)
{
    private readonly object gate = new();
    private readonly LinkedList<GenerationJob> waiting = [];
    private int freeSlots = slotCount;
    private long refused;
    private bool isClosed;
    private bool endsRunning;

    public int Count
    {
        get
        {
            lock (gate)
            {
                return waiting.Count;
            }
        }
    }

    public long RefusedCount => Volatile.Read(ref refused);

    /// <summary>Whether running requests shall end now.</summary>
    public bool EndsRunning => Volatile.Read(ref endsRunning);

    /// <exception cref="SchedulerFullException">As many requests wait as may.</exception>
    public void Add(GenerationJob job)
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(isClosed, typeof(GenerationScheduler));
            // A request for which a slot is free does not wait, even though it is taken up only between two steps.
            if (waiting.Count >= capacity + freeSlots)
            {
                Volatile.Write(ref refused, refused + 1);
                metrics.Refused();
                throw new SchedulerFullException(capacity);
            }

            waiting.AddLast(job);
            metrics.Queued(1);
            Monitor.PulseAll(gate);
        }
    }

    /// <summary>Takes a request out before it gets a slot: nobody wants it any more.</summary>
    public void Forget(GenerationJob job)
    {
        lock (gate)
        {
            if (!waiting.Remove(job))
            {
                return;
            }

            metrics.Queued(-1);
            Monitor.PulseAll(gate);
        }

        job.Sequence.Finish(FinishReason.Cancelled);
        job.Complete(null);
    }

    /// <summary>The next request, which gets a slot.</summary>
    public GenerationJob? Take()
    {
        lock (gate)
        {
            if (waiting.First is not { } first)
            {
                return null;
            }

            waiting.RemoveFirst();
            freeSlots--;
            metrics.Queued(-1);
            return first.Value;
        }
    }

    public void ReleaseSlot()
    {
        lock (gate)
        {
            freeSlots++;
        }
    }

    /// <summary>Takes no more requests.</summary>
    public void Close(bool endsRunning)
    {
        lock (gate)
        {
            isClosed = true;
            this.endsRunning |= endsRunning;
            Monitor.PulseAll(gate);
        }
    }

    /// <returns>Whether there is something to do, now or after waiting; else the queue is closed and empty.</returns>
    public bool WaitForWork(bool hasRunning)
    {
        lock (gate)
        {
            while (!hasRunning && waiting.Count == 0)
            {
                if (isClosed)
                {
                    return false;
                }

                Monitor.Wait(gate);
            }

            return true;
        }
    }
}
