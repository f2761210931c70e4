using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetLlm.Transforms;

namespace MLNetLlm.Services;

/// <summary>
/// A prediction engine's row, computed by the newest model. All columns that are read at all are computed together when the
/// first is asked for, so that a prediction never mixes two models; between predictions the row holds none of a model's memory.
/// </summary>
internal sealed class ReloadableRow(
    ReloadableTransformer owner, DataViewRow input, DataViewSchema schema, IEnumerable<DataViewSchema.Column> activeColumns) : DataViewRow
{
    private readonly Lock gate = new();
    private readonly HashSet<int> active = [.. activeColumns.Select(column => column.Index)];
    private readonly List<Cell> cells = [];
    private ModelGeneration? generation;
    private DataViewRow? computed;
    private long position = -1;

    public override DataViewSchema Schema => schema;

    public override long Position => input.Position;

    public override long Batch => input.Batch;

    public override bool IsColumnActive(DataViewSchema.Column column) => active.Contains(column.Index);

    public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        var own = column.Index < schema.Count ? schema[column.Index] : throw new ArgumentOutOfRangeException(nameof(column), $"There is no column '{column.Name}'.");
        if (!active.Contains(own.Index) || own.Name != column.Name)
        {
            throw new ArgumentOutOfRangeException(nameof(column), $"Column '{column.Name}' is not active.");
        }

        if (own.Type.RawType != typeof(TValue))
        {
            throw new InvalidOperationException($"Column '{column.Name}' has values of {own.Type.RawType}, but {typeof(TValue)} was asked for.");
        }

        var cell = new Cell<TValue>(own.Name);
        lock (gate)
        {
            cells.Add(cell);
            // A model that is bound already does not compute this column.
            LetGo();
            position = -1;
        }

        return (ref TValue value) =>
        {
            lock (gate)
            {
                Compute();
                ValueCopy<TValue>.Copy(cell.Value, ref value);
            }
        };
    }

    /// <summary>Waits for a prediction that is running, and gives up a model.</summary>
    public void LetGo(ModelGeneration old)
    {
        lock (gate)
        {
            if (ReferenceEquals(generation, old))
            {
                LetGo();
            }
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            lock (gate)
            {
                LetGo();
            }

            input.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Compute()
    {
        if (position >= 0 && position == input.Position)
        {
            return;
        }

        Bind();
        // A failure leaves the position as it was, and the row is computed again.
        position = -1;
        foreach (var cell in cells)
        {
            cell.Compute();
        }

        position = input.Position;
    }

    private void Bind()
    {
        var newest = owner.Current;
        if (ReferenceEquals(generation, newest))
        {
            return;
        }

        LetGo();
        var mapper = newest.Model.GetRowToRowMapper(input.Schema);
        var columns = cells.Select(cell => mapper.OutputSchema[cell.Column]).ToArray();
        var row = mapper.GetRow(new BorrowedRow(input), columns);
        foreach (var (cell, column) in cells.Zip(columns))
        {
            cell.Read(row, column);
        }

        (computed, generation) = (row, newest);
    }

    private void LetGo()
    {
        cells.ForEach(cell => cell.Forget());
        computed?.Dispose();
        (computed, generation) = (null, null);
    }

    private abstract class Cell(string column)
    {
        public string Column => column;

        public abstract void Read(DataViewRow row, DataViewSchema.Column column);

        public abstract void Compute();

        public abstract void Forget();
    }

    private sealed class Cell<TValue>(string column) : Cell(column)
    {
        private ValueGetter<TValue>? getter;
        private TValue value = default!;

        public TValue Value => value;

        public override void Read(DataViewRow row, DataViewSchema.Column column) => getter = row.GetGetter<TValue>(column);

        public override void Compute() => getter!(ref value);

        public override void Forget() => getter = null;
    }

    /// <summary>The engine's own row, which outlives the rows that models make of it.</summary>
    private sealed class BorrowedRow(DataViewRow row) : DataViewRow
    {
        public override DataViewSchema Schema => row.Schema;

        public override long Position => row.Position;

        public override long Batch => row.Batch;

        public override bool IsColumnActive(DataViewSchema.Column column) => row.IsColumnActive(column);

        public override ValueGetter<DataViewRowId> GetIdGetter() => row.GetIdGetter();

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => row.GetGetter<TValue>(column);
    }
}
