using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace MLNetLlm.Transforms;

/// <summary>All of <see cref="ITransformer"/> but saving, for any mapper; the public transformers pass their calls on to it.</summary>
internal sealed class TextTransform(IHostEnvironment environment, string name, ITextMapper mapper)
{
    private readonly IHost host = environment.Register(name);
    private readonly RowGathering gathering = new(mapper);

    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => new ColumnBinding(host, mapper, inputSchema).Output;

    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new BatchedDataView(host, new ColumnBinding(host, mapper, input.Schema), input);
    }

    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => new TextRowMapper(host, new ColumnBinding(host, mapper, inputSchema), gathering);
}
