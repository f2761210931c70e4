using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>The rows of a view that a test, made anew for every cursor from the columns it needs, lets through.</summary>
internal sealed class RowFilter(IDataView source, IEnumerable<DataViewSchema.Column> testColumns, Func<DataViewRow, Func<bool>> makeTest) : IDataView
{
    public bool CanShuffle => source.CanShuffle;
    public DataViewSchema Schema => source.Schema;
    public long? GetRowCount() => null;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null)
    {
        bool[] active = Columns.Flags(columnsNeeded, Schema);
        bool[] read = Columns.Flags(testColumns, Schema).Zip(active, (test, needed) => test || needed).ToArray();
        return new Cursor(source.GetRowCursor(Columns.Select(Schema, read), rand), active, makeTest);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor(DataViewRowCursor input, bool[] active, Func<DataViewRow, Func<bool>> makeTest) : LinkedCursor(input)
    {
        private readonly Func<bool> _test = makeTest(input);
        private long _position = -1;

        public override long Position => _position;

        public override bool IsColumnActive(DataViewSchema.Column column) => active[column.Index];

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            Contracts.CheckParam(null, active[column.Index], nameof(column), $"Requested column '{column.Name}' is not active.");
            return Input.GetGetter<TValue>(column);
        }

        public override bool MoveNext()
        {
            while (Input.MoveNext())
            {
                if (_test())
                {
                    _position++;
                    return true;
                }
            }
            _position = -1;
            return false;
        }
    }
}

/// <summary>The rows of a view after the first ones, up to a number.</summary>
internal sealed class RowRange(IDataView source, long skip, long take) : IDataView
{
    public bool CanShuffle => false;
    public DataViewSchema Schema => source.Schema;
    public long? GetRowCount() => source.GetRowCount() is { } count ? Math.Clamp(count - skip, 0, take) : null;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null) =>
        new Cursor(source.GetRowCursor(columnsNeeded), skip, take);

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor(DataViewRowCursor input, long skip, long take) : LinkedCursor(input)
    {
        private long _skip = skip;
        private long _position = -1;
        private bool _finished;

        public override long Position => _position;

        public override bool MoveNext()
        {
            for (; !_finished && _skip > 0; _skip--)
                _finished = !Input.MoveNext();
            _finished = _finished || _position + 1 >= take || !Input.MoveNext();
            _position = _finished ? -1 : _position + 1;
            return !_finished;
        }
    }
}
