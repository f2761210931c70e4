using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNetLlm.Models;

namespace MLNetLlm.Transforms;

/// <summary>Has a language model continue the prompts of a column, or answer them.</summary>
/// <remarks>
/// <list type="table">
/// <listheader><term>Column</term><description>Type</description></listheader>
/// <item><term>in: <c>Prompt</c></term><description>text; from an empty or missing one a new text is begun, and with a template nothing is answered</description></item>
/// <item><term>out: <c>GeneratedText</c></term><description>text: what the model wrote, without the prompt</description></item>
/// <item><term>out: <c>FinishReason</c></term><description>text: a name of <see cref="FinishReason"/>; empty where nothing was answered</description></item>
/// <item><term>out: <c>PromptTokens</c></term><description>Int32: tokens that the model read</description></item>
/// <item><term>out: <c>GeneratedTokens</c></term><description>Int32: tokens that the model wrote</description></item>
/// </list>
/// With a <see cref="GenerationOptions.Seed"/> a prompt has the same continuation whatever rows it comes with.
/// </remarks>
public sealed class TextGenerationEstimator : IEstimator<TextGenerationTransformer>
{
    private readonly IHost host;
    private readonly TextGenerationOptions options;

    internal TextGenerationEstimator(IHostEnvironment environment, TextGenerationOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        host = environment.Register(nameof(TextGenerationEstimator));
        this.options = options;
    }

    private TextGenerationSettings Settings => new(
        options.InputColumnName, options.GeneratedTextColumnName, options.FinishReasonColumnName, options.PromptTokensColumnName,
        options.GeneratedTokensColumnName, options.Generation, options.Template, options.BatchSize);

    /// <summary>The columns after this estimator's transformer.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The prompt column is missing or not text.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        ColumnChecks.Text(host, inputSchema, options.InputColumnName);
        return ColumnChecks.Append(inputSchema, Settings.Outputs);
    }

    /// <summary>Takes the model, or loads it; nothing is learned from the data.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The prompt column is missing or not text.</exception>
    /// <exception cref="ArgumentException">The loaded model is not causal, or an option or the template does not fit it.</exception>
    public TextGenerationTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        ColumnChecks.Text(host, input.Schema, options.InputColumnName);
        return options.Source.Use(host, Create);
    }

    private TextGenerationTransformer Create(SharedModel<LanguageModel> model)
    {
        options.ValidateAgainst(model.Value);
        return new TextGenerationTransformer(host, new(model, Settings));
    }
}
