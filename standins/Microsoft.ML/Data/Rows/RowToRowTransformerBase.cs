using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>A transformer that appends columns, each row by itself.</summary>
public abstract class RowToRowTransformerBase : ITransformer
{
    private protected IHost Host { get; }

    private protected RowToRowTransformerBase(IHost host) => Host = host;

    bool ITransformer.IsRowToRowMapper => true;

    private protected abstract IColumnMapper MakeMapper(DataViewSchema inputSchema);

    private protected abstract void SaveModel(ModelSaveContext ctx);

    void ICanSaveModel.Save(ModelSaveContext ctx) => SaveModel(ctx);

    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => Map(inputSchema).OutputSchema;

    public IDataView Transform(IDataView input)
    {
        Host.CheckValue(input, nameof(input));
        return new MappedView(input, Map(input.Schema));
    }

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema) => Map(inputSchema);

    private RowMapping Map(DataViewSchema inputSchema)
    {
        Host.CheckValue(inputSchema, nameof(inputSchema));
        return new RowMapping(Host, inputSchema, MakeMapper(inputSchema));
    }
}

/// <summary>A transformer that computes each of its output columns from one input column.</summary>
public abstract class OneToOneTransformerBase : RowToRowTransformerBase
{
    internal (string OutputColumnName, string InputColumnName)[] ColumnPairs { get; }

    private protected OneToOneTransformerBase(IHost host, params (string OutputColumnName, string InputColumnName)[] columns) : base(host)
    {
        host.CheckValue(columns, nameof(columns));
        var names = new HashSet<string>();
        foreach ((string output, string input) in columns)
        {
            host.CheckNonEmpty(input, nameof(columns));
            host.CheckNonEmpty(output, nameof(columns));
            if (!names.Add(output))
                throw Contracts.ExceptParam(null, nameof(columns), $"Name of the result column '{output}' specified multiple times");
        }
        ColumnPairs = columns;
    }

    private protected OneToOneTransformerBase(IHost host, ModelLoadContext ctx, VersionInfo version) : base(host)
    {
        ctx.CheckAtModel(version);
        ColumnPairs = new (string, string)[ctx.Reader.ReadInt32()];
        for (int i = 0; i < ColumnPairs.Length; i++)
            ColumnPairs[i] = (ctx.LoadNonEmptyString(), ctx.LoadNonEmptyString());
    }

    private protected void SaveColumns(ModelSaveContext ctx)
    {
        ctx.Writer.Write(ColumnPairs.Length);
        foreach ((string output, string input) in ColumnPairs)
        {
            ctx.SaveNonEmptyString(output);
            ctx.SaveNonEmptyString(input);
        }
    }

    /// <summary>What becomes of one input column: the type and annotations of the output, and its getter.</summary>
    private protected readonly record struct ColumnMap(DataViewType Type, DataViewSchema.Annotations Annotations, Func<DataViewRow, Delegate> MakeGetter);

    private protected abstract ColumnMap MapColumn(int pair, DataViewSchema.Column input);

    private protected sealed override IColumnMapper MakeMapper(DataViewSchema inputSchema) => new Mapper(this, inputSchema);

    private sealed class Mapper : IColumnMapper
    {
        private readonly int[] _inputs;
        private readonly ColumnMap[] _maps;

        public Mapper(OneToOneTransformerBase parent, DataViewSchema inputSchema)
        {
            DataViewSchema.Column[] inputs = parent.ColumnPairs
                .Select(pair => inputSchema.Require(parent.Host, nameof(inputSchema), "input", pair.InputColumnName)).ToArray();
            _inputs = inputs.Select(column => column.Index).ToArray();
            _maps = inputs.Select((column, pair) => parent.MapColumn(pair, column)).ToArray();
            OutputColumns = _maps.Select((map, pair) =>
                new DataViewSchema.DetachedColumn(parent.ColumnPairs[pair].OutputColumnName, map.Type, map.Annotations)).ToArray();
        }

        public IReadOnlyList<DataViewSchema.DetachedColumn> OutputColumns { get; }
        public IEnumerable<int> InputsOf(int output) => [_inputs[output]];

        public Delegate[] CreateGetters(DataViewRow input, bool[] activeOutputs) =>
            _maps.Zip(activeOutputs, (map, isActive) => isActive ? map.MakeGetter(input) : null).ToArray();
    }
}
