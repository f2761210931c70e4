using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>What a fitted transformer does to rows of one input schema: it appends columns computed from some of the others.</summary>
internal interface IColumnMapper
{
    IReadOnlyList<DataViewSchema.DetachedColumn> OutputColumns { get; }

    /// <summary>The input columns that an output column is computed from.</summary>
    IEnumerable<int> InputsOf(int output);

    /// <summary>The getters of the active outputs; null where an output is not active.</summary>
    Delegate[] CreateGetters(DataViewRow input, bool[] activeOutputs);
}

/// <summary>The schema of input columns followed by the columns of a mapper, and rows that have it.</summary>
internal sealed class RowMapping : IRowToRowMapper
{
    private readonly IHost _host;
    private readonly IColumnMapper _mapper;

    public RowMapping(IHost host, DataViewSchema inputSchema, IColumnMapper mapper)
    {
        _host = host;
        _mapper = mapper;
        InputSchema = inputSchema;
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(inputSchema);
        builder.AddColumns(mapper.OutputColumns);
        OutputSchema = builder.ToSchema();
    }

    public DataViewSchema InputSchema { get; }
    public DataViewSchema OutputSchema { get; }

    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns)
    {
        bool[] needed = new bool[InputSchema.Count];
        foreach (DataViewSchema.Column column in Columns.Select(OutputSchema, Columns.Flags(dependingColumns, OutputSchema)))
        {
            if (column.Index < InputSchema.Count)
            {
                needed[column.Index] = true;
                continue;
            }
            foreach (int input in _mapper.InputsOf(column.Index - InputSchema.Count))
                needed[input] = true;
        }
        return Columns.Select(InputSchema, needed);
    }

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns)
    {
        _host.CheckValue(input, nameof(input));
        _host.CheckValue(activeColumns, nameof(activeColumns));
        _host.Check(input.Schema == InputSchema, "Schema of input row must be the same as the schema the mapper is bound to");
        return new MappedRow(input, this, CreateGetters(input, Columns.Flags(activeColumns, OutputSchema)));
    }

    public DataViewRowCursor GetCursor(DataViewRowCursor input, bool[] active) => new MappedCursor(input, this, CreateGetters(input, active), active);

    private Delegate[] CreateGetters(DataViewRow input, bool[] active) => _mapper.CreateGetters(input, active[InputSchema.Count..]);

    private ValueGetter<TValue> GetGetter<TValue>(DataViewRow input, Delegate[] getters, DataViewSchema.Column column) => column.Index < InputSchema.Count
        ? input.GetGetter<TValue>(InputSchema[column.Index])
        : Columns.Cast<TValue>(getters[column.Index - InputSchema.Count], column);

    private sealed class MappedRow(DataViewRow input, RowMapping mapping, Delegate[] getters) : LinkedRow(input)
    {
        public override DataViewSchema Schema => mapping.OutputSchema;
        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => mapping.GetGetter<TValue>(Input, getters, column);

        public override bool IsColumnActive(DataViewSchema.Column column) => column.Index < mapping.InputSchema.Count
            ? Input.IsColumnActive(mapping.InputSchema[column.Index])
            : getters[column.Index - mapping.InputSchema.Count] is not null;
    }

    private sealed class MappedCursor(DataViewRowCursor input, RowMapping mapping, Delegate[] getters, bool[] active) : LinkedCursor(input)
    {
        public override DataViewSchema Schema => mapping.OutputSchema;
        public override bool IsColumnActive(DataViewSchema.Column column) => active[column.Index];

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            Contracts.CheckParam(null, IsColumnActive(column), nameof(column), $"Requested column '{column.Name}' is not active.");
            return mapping.GetGetter<TValue>(Input, getters, column);
        }
    }
}

/// <summary>A data view with the columns of a mapper appended.</summary>
internal sealed class MappedView(IDataView source, RowMapping mapping) : IDataView
{
    public bool CanShuffle => source.CanShuffle;
    public DataViewSchema Schema => mapping.OutputSchema;
    public long? GetRowCount() => source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null)
    {
        bool[] active = Columns.Flags(columnsNeeded, Schema);
        return mapping.GetCursor(source.GetRowCursor(Inputs(active), rand), active);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null)
    {
        bool[] active = Columns.Flags(columnsNeeded, Schema);
        return source.GetRowCursorSet(Inputs(active), n, rand).Select(cursor => mapping.GetCursor(cursor, active)).ToArray();
    }

    private IEnumerable<DataViewSchema.Column> Inputs(bool[] active) => mapping.GetDependencies(Columns.Select(Schema, active));
}
