using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace MLNetLlm.Transforms;

/// <summary>Tells how likely a language model finds the texts of a column.</summary>
/// <remarks>
/// <list type="table">
/// <listheader><term>Column</term><description>Type</description></listheader>
/// <item><term>in: <c>Text</c></term><description>text; missing counts as empty</description></item>
/// <item><term>out: <c>LogLikelihood</c></term><description>Single: sum of the log-probabilities of the text's tokens, in nats; its first is given, unless the tokenizer puts a special token before texts (LLaMA)</description></item>
/// <item><term>out: <c>Perplexity</c></term><description>Single: exp of the mean negative log-likelihood per token; NaN where no token is predicted</description></item>
/// <item><term>out: <c>PredictedTokens</c></term><description>Int32: tokens that the sum is over</description></item>
/// </list>
/// Texts longer than the context are read in windows that overlap; no token is left out.
/// </remarks>
public sealed class ScoringEstimator : IEstimator<ScoringTransformer>
{
    private readonly IHost host;
    private readonly ScoringOptions options;

    internal ScoringEstimator(IHostEnvironment environment, ScoringOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        host = environment.Register(nameof(ScoringEstimator));
        this.options = options;
    }

    private ScoringSettings Settings => new(
        options.InputColumnName, options.LogLikelihoodColumnName, options.PerplexityColumnName, options.PredictedTokensColumnName,
        options.Stride, options.BatchSize);

    /// <summary>The columns after this estimator's transformer.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The text column is missing or not text.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        ColumnChecks.Text(host, inputSchema, options.InputColumnName);
        return ColumnChecks.Append(inputSchema, Settings.Outputs);
    }

    /// <summary>Takes the model, or loads it; nothing is learned from the data.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The text column is missing or not text, or <see cref="ScoringOptions.Stride"/> does not fit the loaded model.</exception>
    /// <exception cref="ArgumentException">The loaded model is not causal.</exception>
    public ScoringTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        ColumnChecks.Text(host, input.Schema, options.InputColumnName);
        return options.Source.Use(host, model => new ScoringTransformer(host, new(model, Settings)));
    }
}
