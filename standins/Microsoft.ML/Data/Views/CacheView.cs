using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>A view that remembers the columns that have been read once.</summary>
internal sealed class CacheView : IDataView
{
    private readonly IHost _host;
    private readonly IDataView _source;
    private readonly Lock _lock = new();
    private readonly ColumnStore[] _stores;
    private int? _rowCount;

    public CacheView(IHostEnvironment env, IDataView source, IEnumerable<DataViewSchema.Column> prefetch = null)
    {
        _host = env.Register("Cache");
        _source = source;
        _stores = new ColumnStore[source.Schema.Count];
        if (prefetch?.Any() == true)
            Fill(Columns.Flags(prefetch, Schema));
    }

    public bool CanShuffle => true;
    public DataViewSchema Schema => _source.Schema;
    public long? GetRowCount() => _rowCount ?? _source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null)
    {
        bool[] active = Columns.Flags(columnsNeeded, Schema);
        Fill(active);
        return new Cursor(this, active, rand);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    private void Fill(bool[] needed)
    {
        lock (_lock)
        {
            DataViewSchema.Column[] missing = Schema.Where(column => needed[column.Index] && _stores[column.Index] is null).ToArray();
            if (missing.Length == 0 && _rowCount is not null)
                return;
            ColumnStore[] stores = missing.Select(column => ColumnStore.Create(column.Type)).ToArray();
            using DataViewRowCursor cursor = _source.GetRowCursor(missing);
            Action<int>[] record = missing.Select((column, i) => stores[i].Recorder(cursor, column)).ToArray();
            int count = 0;
            for (; cursor.MoveNext(); count++)
            {
                _host.CheckAlive();
                foreach (Action<int> store in record)
                    store(count);
            }
            for (int i = 0; i < missing.Length; i++)
                _stores[missing[i].Index] = stores[i];
            _rowCount = count;
        }
    }

    private sealed class Cursor : RootCursor
    {
        private readonly int _count;
        private readonly int[] _order;

        public Cursor(CacheView view, bool[] active, Random random) : base(view.Schema)
        {
            _count = view._rowCount.Value;
            if (random is not null)
            {
                _order = Enumerable.Range(0, _count).ToArray();
                random.Shuffle(_order);
            }
            Getters = view._stores.Select((store, index) => active[index] ? store.MakeGetter(Row) : null).ToArray();
        }

        private int Row()
        {
            CheckPosition();
            return _order?[(int)Position] ?? (int)Position;
        }

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId value) => value = new DataViewRowId((ulong)Row(), 0);

        protected override bool MoveNextCore() => Position + 1 < _count;
    }
}
