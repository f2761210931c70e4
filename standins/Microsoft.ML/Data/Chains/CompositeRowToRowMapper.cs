using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>Mappers in a row: each one's rows are the next one's input.</summary>
internal sealed class CompositeRowToRowMapper(DataViewSchema inputSchema, IReadOnlyList<IRowToRowMapper> mappers) : IRowToRowMapper
{
    public DataViewSchema InputSchema { get; } = inputSchema;
    public DataViewSchema OutputSchema { get; } = mappers.Count > 0 ? mappers[^1].OutputSchema : inputSchema;

    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns) =>
        mappers.Reverse().Aggregate(dependingColumns, (needed, mapper) => mapper.GetDependencies(needed));

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns)
    {
        Contracts.CheckValue(null, input, nameof(input));
        Contracts.CheckValue(null, activeColumns, nameof(activeColumns));
        Contracts.CheckParam(null, input.Schema == InputSchema, nameof(input), "Schema did not match original schema");
        DataViewSchema.Column[] active = Columns.Select(OutputSchema, Columns.Flags(activeColumns, OutputSchema)).ToArray();
        if (mappers.Count == 0)
        {
            foreach (DataViewSchema.Column column in active.Where(column => !input.IsColumnActive(column)))
                throw Contracts.ExceptParam(null, nameof(input), $"Mapper required column '{column.Name}' active but it was not.");
            return input;
        }
        var needed = new Stack<IEnumerable<DataViewSchema.Column>>([active]);
        foreach (IRowToRowMapper mapper in mappers.Skip(1).Reverse())
            needed.Push(mapper.GetDependencies(needed.Peek()));
        return mappers.Aggregate(input, (row, mapper) => mapper.GetRow(row, needed.Pop()));
    }
}
