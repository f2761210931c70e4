using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Transforms;

/// <summary>Rows with some of the columns of other rows.</summary>
internal sealed class ColumnSelection : IRowToRowMapper
{
    private readonly DataViewSchema.Column[] _sources;

    public ColumnSelection(DataViewSchema inputSchema, DataViewSchema.Column[] sources)
    {
        _sources = sources;
        InputSchema = inputSchema;
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(sources);
        OutputSchema = builder.ToSchema();
    }

    public DataViewSchema InputSchema { get; }
    public DataViewSchema OutputSchema { get; }

    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns)
    {
        bool[] needed = new bool[InputSchema.Count];
        foreach (DataViewSchema.Column column in dependingColumns)
            needed[_sources[column.Index].Index] = true;
        return Columns.Select(InputSchema, needed);
    }

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns)
    {
        Contracts.CheckValue(null, input, nameof(input));
        return new Row(input, this);
    }

    public DataViewRowCursor GetCursor(DataViewRowCursor input) => new Cursor(input, this);

    private sealed class Row(DataViewRow input, ColumnSelection selection) : LinkedRow(input)
    {
        public override DataViewSchema Schema => selection.OutputSchema;
        public override bool IsColumnActive(DataViewSchema.Column column) => Input.IsColumnActive(selection._sources[column.Index]);
        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => Input.GetGetter<TValue>(selection._sources[column.Index]);
    }

    private sealed class Cursor(DataViewRowCursor input, ColumnSelection selection) : LinkedCursor(input)
    {
        public override DataViewSchema Schema => selection.OutputSchema;
        public override bool IsColumnActive(DataViewSchema.Column column) => Input.IsColumnActive(selection._sources[column.Index]);
        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => Input.GetGetter<TValue>(selection._sources[column.Index]);
    }
}

internal sealed class SelectionView(IDataView source, ColumnSelection selection) : IDataView
{
    public bool CanShuffle => source.CanShuffle;
    public DataViewSchema Schema => selection.OutputSchema;
    public long? GetRowCount() => source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null) =>
        selection.GetCursor(source.GetRowCursor(selection.GetDependencies(columnsNeeded), rand));

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null) =>
        source.GetRowCursorSet(selection.GetDependencies(columnsNeeded), n, rand).Select(selection.GetCursor).ToArray();
}
