using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNetLlm.Models;

namespace MLNetLlm.Transforms;

/// <summary>Turns a text column into vectors, pooled from a language model's hidden states, for any trainer that takes features.</summary>
/// <remarks>
/// <list type="table">
/// <listheader><term>Column</term><description>Type</description></listheader>
/// <item><term>in: <c>Text</c></term><description>text; missing counts as empty</description></item>
/// <item><term>out: <c>Features</c></term><description>vector of Single of the model's width, or twice that for <see cref="Pooling.LastTokenAndMean"/></description></item>
/// </list>
/// </remarks>
public sealed class EmbeddingEstimator : IEstimator<EmbeddingTransformer>
{
    private readonly IHost host;
    private readonly EmbeddingOptions options;

    internal EmbeddingEstimator(IHostEnvironment environment, EmbeddingOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        host = environment.Register(nameof(EmbeddingEstimator));
        this.options = options;
    }

    /// <summary>The columns after this estimator's transformer.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The text column is missing or not text.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        ColumnChecks.Text(host, inputSchema, options.InputColumnName);
        return ColumnChecks.Append(inputSchema,
            ShapeColumn.Create(options.OutputColumnName, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single));
    }

    /// <summary>Takes the model, or loads it; nothing is learned from the data.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The text column is missing or not text, or <see cref="EmbeddingOptions.MaximumTokens"/> is above the loaded model's context length.</exception>
    public EmbeddingTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        ColumnChecks.Text(host, input.Schema, options.InputColumnName);
        return options.Source.Use(host, Create);
    }

    private EmbeddingTransformer Create(SharedModel<LanguageModel> model)
    {
        (options with { LanguageModel = model.Value, Checkpoint = null }).Validate();
        return new EmbeddingTransformer(host, new(model, new EmbeddingSettings(
            options.InputColumnName, options.OutputColumnName, options.Pooling, options.Normalize,
            options.MaximumTokens ?? model.Value.Config.ContextLength, options.BatchSize)));
    }
}
