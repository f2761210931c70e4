using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>Rows in random order, drawn from a pool that is refilled from the source, which is shuffled too where it can be.</summary>
internal sealed class ShuffleView(IHostEnvironment env, IDataView source, int? seed, int poolSize, bool shuffleSource) : IDataView
{
    private readonly IHost _host = env.Register("Shuffle");

    public bool CanShuffle => true;
    public DataViewSchema Schema => source.Schema;
    public long? GetRowCount() => source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null)
    {
        Random random = rand ?? new Random(seed ?? _host.Rand.Next());
        bool[] active = Columns.Flags(columnsNeeded, Schema);
        DataViewRowCursor input = source.GetRowCursor(columnsNeeded, shuffleSource && source.CanShuffle ? new Random(random.Next()) : null);
        return new Cursor(input, active, random, poolSize);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor : RootCursor
    {
        private readonly DataViewRowCursor _input;
        private readonly Random _random;
        private readonly int _poolSize;
        private readonly List<Action<int>> _record = [];
        private readonly ScalarStore<DataViewRowId> _ids = new();
        private readonly List<int> _slots = [];
        private int _chosen = -1;

        public Cursor(DataViewRowCursor input, bool[] active, Random random, int poolSize) : base(input.Schema)
        {
            _input = input;
            _random = random;
            _poolSize = poolSize;
            _record.Add(_ids.Recorder(input.GetIdGetter()));
            Getters = input.Schema.Select(column =>
            {
                if (!active[column.Index])
                    return null;
                ColumnStore store = ColumnStore.Create(column.Type);
                _record.Add(store.Recorder(input, column));
                return store.MakeGetter(CurrentSlot);
            }).ToArray();
        }

        public override long Batch => _input.Batch;
        public override ValueGetter<DataViewRowId> GetIdGetter() => (ValueGetter<DataViewRowId>)_ids.MakeGetter(CurrentSlot);

        private int CurrentSlot()
        {
            CheckPosition();
            return _slots[_chosen];
        }

        protected override bool MoveNextCore()
        {
            if (_chosen < 0)
            {
                while (_slots.Count < _poolSize && TryRecord(_slots.Count))
                    _slots.Add(_slots.Count);
            }
            else if (!TryRecord(_slots[_chosen]))
            {
                _slots[_chosen] = _slots[^1];
                _slots.RemoveAt(_slots.Count - 1);
            }
            if (_slots.Count == 0)
                return false;
            _chosen = _random.Next(_slots.Count);
            return true;
        }

        private bool TryRecord(int slot)
        {
            if (!_input.MoveNext())
                return false;
            foreach (Action<int> store in _record)
                store(slot);
            return true;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                _input.Dispose();
            base.Dispose(disposing);
        }
    }
}
