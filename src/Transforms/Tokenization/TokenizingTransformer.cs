using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNetLlm.Models;

namespace MLNetLlm.Transforms;

/// <summary>Splits a text column into token ids; made by <see cref="TokenizingEstimator"/>.</summary>
public sealed class TokenizingTransformer : ITransformer, IPersistedTransformer<TokenizingTransformer>
{
    internal const string LoaderSignature = "MLNetLlmTokenizing";

    private readonly TextTransform transform;
    private readonly TokenizingColumns columns;

    internal TokenizingTransformer(IHostEnvironment environment, TextTokenizer tokenizer, TokenizingColumns columns)
    {
        Tokenizer = tokenizer;
        this.columns = columns;
        transform = new TextTransform(environment, nameof(TokenizingTransformer), new TokenizingMapper(tokenizer, columns));
    }

    /// <summary>The tokenizer, learned or given.</summary>
    public TextTokenizer Tokenizer { get; }

    /// <inheritdoc/>
    public bool IsRowToRowMapper => true;

    static PersistedFormat IPersistedTransformer<TokenizingTransformer>.Format { get; } = new("LLM TOKN", LoaderSignature);

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">The text column is missing or not text.</exception>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => transform.GetOutputSchema(inputSchema);

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">The text column is missing or not text.</exception>
    public IDataView Transform(IDataView input) => transform.Transform(input);

    /// <inheritdoc/>
    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => transform.GetRowToRowMapper(inputSchema);

    void ICanSaveModel.Save(ModelSaveContext ctx) => NativePersistence.Save(ctx, this);

    void IPersistedTransformer<TokenizingTransformer>.Write(ICheckpointStore store)
    {
        ComponentSettings.Write(store, columns);
        store.Write(TokenizingColumns.TokenizerFile, Tokenizer.Write);
    }

    static TokenizingTransformer IPersistedTransformer<TokenizingTransformer>.Read(IHostEnvironment environment, ICheckpointStore store)
    {
        var columns = ComponentSettings.Read<TokenizingColumns>(store);
        string description = store.Describe(TokenizingColumns.TokenizerFile);
        TextTokenizer? tokenizer = null;
        store.TryRead(TokenizingColumns.TokenizerFile, stream => tokenizer = TextTokenizer.Read(stream, description));
        return new TokenizingTransformer(environment, tokenizer ?? throw new FormatException($"{description} is missing."), columns);
    }
}

/// <summary>Where the tokenizer reads and writes, and how much.</summary>
internal sealed record TokenizingColumns(string Text, string Tokens, int? MaximumTokens)
{
    public const string TokenizerFile = "tokenizer.json";
}
