namespace Packages.MLNet.Tests;

/// <summary>A transformer that shares no code with the library: Plus = A + summand.</summary>
internal sealed class PlusTransformer(float summand) : ITransformer, IDisposable
{
    public float Summand { get; } = summand;
    public bool IsRowToRowMapper { get; init; } = true;
    public bool WasSaved { get; private set; }
    public int Disposals { get; private set; }
    public int RowDisposals { get; set; }

    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema)
    {
        if (inputSchema.GetColumnOrNull("A") is null)
            throw new ArgumentOutOfRangeException(nameof(inputSchema), "Could not find input column 'A'");
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(inputSchema);
        builder.AddColumn("Plus", NumberDataViewType.Single);
        return builder.ToSchema();
    }

    public IDataView Transform(IDataView input) => new View(this, input, GetOutputSchema(input.Schema));

    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => new Mapper(this, inputSchema, GetOutputSchema(inputSchema));

    public void Save(ModelSaveContext ctx) => WasSaved = true;

    public void Dispose() => Disposals++;

    private ValueGetter<TValue> MakeGetter<TValue>(DataViewRow input, DataViewSchema inputSchema, DataViewSchema.Column column)
    {
        if (column.Index < inputSchema.Count)
            return input.GetGetter<TValue>(inputSchema[column.Index]);
        ValueGetter<float> source = input.GetGetter<float>(inputSchema["A"]);
        ValueGetter<float> plus = (ref float value) =>
        {
            source(ref value);
            value += Summand;
        };
        return (ValueGetter<TValue>)(Delegate)plus;
    }

    private static IEnumerable<DataViewSchema.Column> Inputs(DataViewSchema inputSchema, IEnumerable<DataViewSchema.Column> needed)
    {
        HashSet<int> indices = [.. needed.Select(column => column.Index)];
        return inputSchema.Where(column => indices.Contains(column.Index) || (indices.Contains(inputSchema.Count) && column.Name == "A")).ToArray();
    }

    private sealed class Mapper(PlusTransformer parent, DataViewSchema input, DataViewSchema output) : IRowToRowMapper
    {
        public DataViewSchema InputSchema => input;
        public DataViewSchema OutputSchema => output;
        public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns) => Inputs(input, dependingColumns);
        public DataViewRow GetRow(DataViewRow row, IEnumerable<DataViewSchema.Column> activeColumns) => new Row(parent, row, output);
    }

    private sealed class Row(PlusTransformer parent, DataViewRow input, DataViewSchema schema) : DataViewRow
    {
        public override DataViewSchema Schema => schema;
        public override long Position => input.Position;
        public override long Batch => input.Batch;
        public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();
        public override bool IsColumnActive(DataViewSchema.Column column) => true;
        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => parent.MakeGetter<TValue>(input, input.Schema, column);

        protected override void Dispose(bool disposing)
        {
            parent.RowDisposals++;
            input.Dispose();
        }
    }

    private sealed class View(PlusTransformer parent, IDataView source, DataViewSchema schema) : IDataView
    {
        public bool CanShuffle => source.CanShuffle;
        public DataViewSchema Schema => schema;
        public long? GetRowCount() => source.GetRowCount();

        public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null) =>
            new Cursor(parent, source.GetRowCursor(Inputs(source.Schema, columnsNeeded), rand), schema);

        public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null) =>
            [GetRowCursor(columnsNeeded, rand)];
    }

    private sealed class Cursor(PlusTransformer parent, DataViewRowCursor input, DataViewSchema schema) : DataViewRowCursor
    {
        public override DataViewSchema Schema => schema;
        public override long Position => input.Position;
        public override long Batch => input.Batch;
        public override bool MoveNext() => input.MoveNext();
        public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();
        public override bool IsColumnActive(DataViewSchema.Column column) => column.Index >= input.Schema.Count || input.IsColumnActive(input.Schema[column.Index]);
        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => parent.MakeGetter<TValue>(input, input.Schema, column);

        protected override void Dispose(bool disposing) => input.Dispose();
    }
}
