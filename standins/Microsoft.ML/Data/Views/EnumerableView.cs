using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>The objects of an enumerable as rows; enumerated anew by every cursor.</summary>
internal sealed class EnumerableView<TRow> : IDataView where TRow : class
{
    private readonly IHost _host;
    private readonly IEnumerable<TRow> _data;
    private readonly MemberAccess<TRow>[] _members;

    public EnumerableView(IHostEnvironment env, IEnumerable<TRow> data, SchemaDefinition definition)
    {
        _host = env.Register("StreamingDataView");
        _data = data;
        BoundColumn[] columns = BoundColumn.Bind(typeof(TRow), definition ?? SchemaDefinition.Create(typeof(TRow), SchemaDefinition.Direction.Read));
        Schema = BoundColumn.SchemaOf(columns);
        _members = columns.Select(MemberAccess<TRow>.Create).ToArray();
    }

    public bool CanShuffle => false;
    public DataViewSchema Schema { get; }

    public long? GetRowCount() => (_data as ICollection<TRow>)?.Count;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null) =>
        new Cursor(this, Columns.Flags(columnsNeeded, Schema));

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor : RootCursor
    {
        private readonly IChannel _channel;
        private readonly IEnumerator<TRow> _rows;
        private TRow _current;

        public Cursor(EnumerableView<TRow> view, bool[] active) : base(view.Schema)
        {
            _channel = view._host.Start("Cursor");
            _rows = view._data.GetEnumerator();
            Getters = view._members.Select((member, index) => active[index] ? member.MakeGetter(Current) : null).ToArray();
        }

        private TRow Current()
        {
            CheckPosition();
            return _current;
        }

        protected override bool MoveNextCore()
        {
            bool moved = _rows.MoveNext();
            _current = moved ? _rows.Current : null;
            if (moved && _current is null)
                throw _channel.Except("Encountered null when iterating over data, this is not supported.");
            return moved;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                _rows.Dispose();
                _channel.Dispose();
            }
            base.Dispose(disposing);
        }
    }
}

/// <summary>A schema without rows.</summary>
internal sealed class EmptyView(DataViewSchema schema) : IDataView
{
    public bool CanShuffle => true;
    public DataViewSchema Schema { get; } = schema;
    public long? GetRowCount() => 0;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null) =>
        new Cursor(Schema, Columns.Flags(columnsNeeded, Schema));

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor : RootCursor
    {
        private static readonly GenericMethod Never = new(typeof(Cursor), nameof(MakeGetter));

        public Cursor(DataViewSchema schema, bool[] active) : base(schema) =>
            Getters = schema.Select(column => active[column.Index] ? Never.Call<Delegate>(column.Type.RawType) : null).ToArray();

        protected override bool MoveNextCore() => false;

        private static Delegate MakeGetter<TValue>() =>
            (ValueGetter<TValue>)((ref TValue value) => throw Contracts.Except(null, Columns.FetchStateError));
    }
}
