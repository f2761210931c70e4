using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>A row over another row: same position and identifier, other columns. It owns the row that it wraps.</summary>
internal abstract class LinkedRow(DataViewRow input) : DataViewRow
{
    protected DataViewRow Input { get; } = input;

    public sealed override long Position => Input.Position;
    public sealed override long Batch => Input.Batch;
    public sealed override ValueGetter<DataViewRowId> GetIdGetter() => Input.GetIdGetter();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            Input.Dispose();
    }
}

/// <summary>A cursor over another cursor: moves with it, and owns it.</summary>
internal abstract class LinkedCursor(DataViewRowCursor input) : DataViewRowCursor
{
    protected DataViewRowCursor Input { get; } = input;

    public override long Position => Input.Position;
    public override long Batch => Input.Batch;
    public override DataViewSchema Schema => Input.Schema;

    public override bool MoveNext() => Input.MoveNext();
    public override ValueGetter<DataViewRowId> GetIdGetter() => Input.GetIdGetter();
    public override bool IsColumnActive(DataViewSchema.Column column) => Input.IsColumnActive(column);
    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => Input.GetGetter<TValue>(column);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            Input.Dispose();
    }
}

/// <summary>A cursor that starts a table of its own and knows its getters.</summary>
internal abstract class RootCursor(DataViewSchema schema) : DataViewRowCursor
{
    private long _position = -1;
    private bool _finished;

    public sealed override long Position => _position;
    public override long Batch => 0;
    public sealed override DataViewSchema Schema { get; } = schema;

    /// <summary>The getters of the active columns; null where a column is not active.</summary>
    protected Delegate[] Getters { get; init; }

    protected abstract bool MoveNextCore();

    public sealed override bool MoveNext()
    {
        if (_finished)
            return false;
        if (MoveNextCore())
        {
            _position++;
            return true;
        }
        _finished = true;
        _position = -1;
        Dispose();
        return false;
    }

    protected void CheckPosition() => Contracts.Check(null, _position >= 0, Columns.FetchStateError);

    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId value) =>
    {
        CheckPosition();
        value = new DataViewRowId((ulong)_position, 0);
    };

    public sealed override bool IsColumnActive(DataViewSchema.Column column) => Getters[column.Index] is not null;
    public sealed override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => Columns.Cast<TValue>(Getters[column.Index], column);

    protected override void Dispose(bool disposing)
    {
        _finished = true;
        base.Dispose(disposing);
    }
}
