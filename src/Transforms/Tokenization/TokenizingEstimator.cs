using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNetLlm.Models;

namespace MLNetLlm.Transforms;

/// <summary>
/// Splits a text column into token ids. Byte-level byte-pair encoding (Sennrich et al. 2016, as in GPT-2) is learned from
/// the column in <see cref="Fit"/>, unless a tokenizer is given.
/// </summary>
/// <remarks>
/// <list type="table">
/// <listheader><term>Column</term><description>Type</description></listheader>
/// <item><term>in: <c>Text</c></term><description>text; missing counts as empty</description></item>
/// <item><term>out: <c>Tokens</c></term><description>vector of Int32 of variable length: an id of the vocabulary for each token; empty for an empty text</description></item>
/// </list>
/// </remarks>
public sealed class TokenizingEstimator : IEstimator<TokenizingTransformer>
{
    private readonly IHost host;
    private readonly TokenizingOptions options;

    internal TokenizingEstimator(IHostEnvironment environment, TokenizingOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        host = environment.Register(nameof(TokenizingEstimator));
        this.options = options;
    }

    /// <summary>The columns after this estimator's transformer.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The text column is missing or not text.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        ColumnChecks.Text(host, inputSchema, options.InputColumnName);
        return ColumnChecks.Append(inputSchema,
            ShapeColumn.Create(options.OutputColumnName, SchemaShape.Column.VectorKind.VariableVector, NumberDataViewType.Int32));
    }

    /// <summary>Learns or loads the tokenizer.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The text column is missing or not text.</exception>
    public TokenizingTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        ColumnChecks.Text(host, input.Schema, options.InputColumnName);
        TextTokenizer tokenizer = options.Tokenizer ?? (options.TokenizerPath is { } path ? TextTokenizer.Load(path) : Learn(input));
        return new TokenizingTransformer(host, tokenizer, new TokenizingColumns(options.InputColumnName, options.OutputColumnName, options.MaximumTokens));
    }

    private TextTokenizer Learn(IDataView input)
    {
        using IChannel channel = host.Start(nameof(Fit));
        IReadOnlyList<string> texts = TextColumn.Read(host, input, options.InputColumnName);
        TextTokenizer tokenizer = BytePairLearner.Learn(texts, options.BytePairs);
        channel.Info($"learned {tokenizer.VocabularySize} tokens from {texts.Count} texts of column '{options.InputColumnName}'");
        return tokenizer;
    }
}
