using System.Runtime.ExceptionServices;

namespace MLNetLlm.Transforms;

/// <summary>
/// Computes rows that come one by one from several threads, as from the engines of a pool. While one is computed, those that
/// come wait, and then they are computed together: under load a batch costs little more than a row. A row waits for at most
/// the computation that runs when it comes and, beyond <see cref="MaximumRows"/> waiting rows, for those before it; a row that
/// comes alone never waits.
/// </summary>
internal sealed class RowGathering(ITextMapper mapper)
{
    /// <summary>Most rows that are computed together.</summary>
    public const int MaximumRows = 64;

    private readonly Lock gate = new();
    private readonly List<WaitingRow> queue = [];
    private bool isBusy;

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

    /// <summary>The outputs of a batch, and which of its rows has these texts.</summary>
    public (Array?[] Outputs, int Index) Map(IReadOnlyList<string> texts, IReadOnlyList<bool> active, TruncationReport truncation)
    {
        var row = new WaitingRow(texts, active, truncation);
        if (!TryBegin(row))
        {
            row.Signal.Wait();
        }

        if (!row.IsDone)
        {
            Compute(Gather(row));
            HandOver();
        }

        row.Failure?.Throw();
        return (row.Outputs, row.Index);
    }

    private bool TryBegin(WaitingRow row)
    {
        lock (gate)
        {
            if (isBusy)
            {
                queue.Add(row);
                return false;
            }

            isBusy = true;
            return true;
        }
    }

    private List<WaitingRow> Gather(WaitingRow first)
    {
        lock (gate)
        {
            // Engines of one transformer may have classes with different columns; only equal ones go together.
            var rows = queue.Where(row => row.Active.SequenceEqual(first.Active)).Take(MaximumRows - 1).Prepend(first).ToList();
            queue.RemoveAll(rows.Contains);
            return rows;
        }
    }

    // The next row's own thread computes, so that no thread is kept from its own answer.
    private void HandOver()
    {
        lock (gate)
        {
            if (queue.Count == 0)
            {
                isBusy = false;
                return;
            }

            var next = queue[0];
            queue.RemoveAt(0);
            next.Signal.Set();
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

        foreach (var other in rows.Skip(1))
        {
            other.Signal.Set();
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

        public bool IsDone { get; private set; }

        public void Finish(Array?[] outputs, int index)
        {
            (Outputs, Index) = (outputs, index);
            IsDone = true;
        }

        public void Fail(Exception exception)
        {
            Failure = ExceptionDispatchInfo.Capture(exception);
            IsDone = true;
        }
    }
}
