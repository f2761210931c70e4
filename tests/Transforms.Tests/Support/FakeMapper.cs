using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetLlm.Models;

namespace MLNetLlm.Transforms.Tests;

/// <summary>A mapper without a model: a character is a token; it notes what it was asked for.</summary>
internal sealed class FakeMapper(int rowsAhead = 8, int? maximumTokens = null) : ITextMapper
{
    public string InputColumn { get; init; } = "Text";

    public IReadOnlyList<OutputColumn> Outputs { get; } =
    [
        new("Length", NumberDataViewType.Single),
        new("Shout", TextDataViewType.Instance),
        new("Codes", new VectorDataViewType(NumberDataViewType.Int32)),
    ];

    public int RowsAhead => rowsAhead;
    public int? MaximumTokens => maximumTokens;
    public TransformerModel? Network => null;

    public List<(int Rows, bool[] Active)> Calls { get; } = [];
    public int Holders;

    public IDisposable Hold()
    {
        Interlocked.Increment(ref Holders);
        return new Hand(this);
    }

    public Array?[] Map(IReadOnlyList<string> texts, IReadOnlyList<bool> active, TruncationReport truncation)
    {
        lock (Calls)
            Calls.Add((texts.Count, active.ToArray()));
        string[] cut = texts.Select(text => text[..truncation.Admit(text.Length)]).ToArray();
        return
        [
            active[0] ? Array.ConvertAll(cut, text => (float)text.Length) : null,
            active[1] ? Array.ConvertAll(cut, text => text.ToUpperInvariant().AsMemory()) : null,
            active[2] ? Array.ConvertAll(cut, text => new VBuffer<int>(text.Length, text.Select(character => (int)character).ToArray())) : null,
        ];
    }

    private sealed class Hand(FakeMapper mapper) : IDisposable
    {
        private int done;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref done, 1) == 0)
                Interlocked.Decrement(ref mapper.Holders);
        }
    }
}

/// <summary>What the public transformers are, around a fake mapper.</summary>
internal sealed class FakeTransformer(MLContext ml, FakeMapper mapper) : ITransformer
{
    private readonly TextTransform transform = new(ml, nameof(FakeTransformer), mapper);

    public bool IsRowToRowMapper => true;
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => transform.GetOutputSchema(inputSchema);
    public IDataView Transform(IDataView input) => transform.Transform(input);
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => transform.GetRowToRowMapper(inputSchema);
    public void Save(ModelSaveContext ctx) => throw new NotSupportedException();
}
