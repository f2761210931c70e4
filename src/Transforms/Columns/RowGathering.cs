using System.Runtime.ExceptionServices;
using MLNetLlm.Models;

namespace MLNetLlm.Transforms;

/// <summary>
/// Computes rows that come one by one from several threads, as from the engines of a pool. While one is computed, those that
/// come wait, and then they are computed together: under load a batch costs little more than a row. A row waits for at most
/// the computation that runs when it comes and, beyond <see cref="MaximumRows"/> waiting rows, for those before it; a row that
/// comes alone never waits. One thread computes for all: each that calls libtorch keeps helpers, compiled products and a heap of
/// its own, megabytes for every thread of a service's pool.
/// </summary>
internal sealed class RowGathering(ITextMapper mapper)
{
    /// <summary>Most rows that are computed together.</summary>
    public const int MaximumRows = 64;

    // Then the thread ends, and with it what it keeps of libtorch and of a model that was replaced; the next row starts another.
    private static readonly TimeSpan LongestIdle = TimeSpan.FromMilliseconds(500);

    private readonly object gate = new();
    private readonly List<WaitingRow> queue = [];
    private bool isWorking;

    /// <summary>Rows that wait for the computation that is running.</summary>
    public int WaitingRows
    {
        get
        {
            lock (gate)
            {
                return queue.Count;
            }
        }
    }

    /// <summary>Whether there is a thread that computes, or waits for a row.</summary>
    public bool IsWorking
    {
        get
        {
            lock (gate)
            {
                return isWorking;
            }
        }
    }

    /// <summary>The outputs of a batch, and which of its rows has these texts.</summary>
    public (Array?[] Outputs, int Index) Map(IReadOnlyList<string> texts, IReadOnlyList<bool> active, TruncationReport truncation)
    {
        var row = new WaitingRow(texts, active, truncation);
        Enqueue(row);
        row.Signal.Wait();
        row.Failure?.Throw();
        return (row.Outputs, row.Index);
    }

    private void Enqueue(WaitingRow row)
    {
        lock (gate)
        {
            if (!isWorking)
            {
                new Thread(Work) { IsBackground = true, Name = "MLNetLlm rows" }.Start();
                isWorking = true;
            }

            queue.Add(row);
            Monitor.Pulse(gate);
        }
    }

    private void Work()
    {
        if (mapper.Network is { } network)
        {
            ComputingThreads.FitTo(network);
        }

        while (Gather() is { } rows)
        {
            Compute(rows);
        }
    }

    private List<WaitingRow>? Gather()
    {
        lock (gate)
        {
            while (queue.Count == 0)
            {
                if (!Monitor.Wait(gate, LongestIdle) && queue.Count == 0)
                {
                    isWorking = false;
                    return null;
                }
            }

            // Engines of one transformer may have classes with different columns; only equal ones go together.
            var rows = queue.Where(row => row.Active.SequenceEqual(queue[0].Active)).Take(MaximumRows).ToList();
            queue.RemoveAll(rows.Contains);
            return rows;
        }
    }

    private void Compute(List<WaitingRow> rows)
    {
        try
        {
            var outputs = mapper.Map(rows.SelectMany(row => row.Texts).ToList(), rows[0].Active, rows[0].Truncation);
            for (var index = 0; index < rows.Count; index++)
            {
                rows[index].Finish(outputs, index);
            }
        }
        catch (Exception exception) when (rows.Count == 1)
        {
            rows[0].Fail(exception);
        }
        catch (Exception)
        {
            // One row's failure must not be the others'.
            rows.ForEach(row => Compute([row]));
        }
    }

    private sealed class WaitingRow(IReadOnlyList<string> texts, IReadOnlyList<bool> active, TruncationReport truncation)
    {
        public IReadOnlyList<string> Texts { get; } = texts;

        public IReadOnlyList<bool> Active { get; } = active;

        public TruncationReport Truncation { get; } = truncation;

        // Spinning would take the processor from the very computation that is waited for.
        public ManualResetEventSlim Signal { get; } = new(initialState: false, spinCount: 0);

        public Array?[] Outputs { get; private set; } = [];

        public int Index { get; private set; }

        public ExceptionDispatchInfo? Failure { get; private set; }

        public void Finish(Array?[] outputs, int index)
        {
            (Outputs, Index) = (outputs, index);
            Signal.Set();
        }

        public void Fail(Exception exception)
        {
            Failure = ExceptionDispatchInfo.Capture(exception);
            Signal.Set();
        }
    }
}
