using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNetLlm.Models;
using MLNetLlm.Transforms;

namespace MLNetLlm.Trainers;

/// <summary>
/// Trains an encoder on a text column by hiding tokens that it is to find out from both sides (BERT, Devlin et al. 2019).
/// </summary>
/// <remarks>
/// <list type="table">
/// <listheader><term>Column</term><description>Type</description></listheader>
/// <item><term>in: <c>Text</c></term><description>text</description></item>
/// <item><term>out: <c>Features</c></term><description>vector of Single: what the network makes of the text</description></item>
/// </list>
/// <para>Its <see cref="EmbeddingTransformer.LanguageModel"/> is meant to be fine-tuned, for example by <c>TextClassification</c>.</para>
/// </remarks>
public sealed class MaskedPretrainingEstimator : IEstimator<EmbeddingTransformer>
{
    private const int BatchSize = 32;

    private readonly IHost host;
    private readonly MaskedPretrainingOptions options;

    internal MaskedPretrainingEstimator(IHostEnvironment environment, MaskedPretrainingOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        host = environment.Register(nameof(MaskedPretrainingEstimator));
        this.options = options;
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">The text column is missing or not text.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        ColumnChecks.Text(host, inputSchema, options.TextColumnName);
        return ColumnChecks.Append(
            inputSchema, ShapeColumn.Create(options.FeaturesColumnName, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single));
    }

    /// <summary>Learns the tokenizer, unless one was given, and trains the model.</summary>
    /// <exception cref="ArgumentException">The learned tokenizer lacks a token that is needed.</exception>
    /// <inheritdoc cref="PretrainingEstimator.Fit"/>
    public EmbeddingTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var seed = TrainingLoop.ChooseSeed(options.Training, host);
        var training = new CorpusTraining(host, new CorpusSettings(
            options.TextColumnName, options.ValidationFraction, options.ValidationSet, options.ValidationTokens, options.TokenCache,
            SubwordDropout: 0, options.Training), input, seed);
        using var channel = host.Start(nameof(Fit));
        var model = CreateModel(training.TrainingRows, seed);
        try
        {
            AdapterTraining.Begin(model.Network, options.Lora, seed);
            training.Run(model, Windows(model), samples: null, data => new MaskedLanguageModelObjective(model, options, data), channel);
            AdapterTraining.Finish(model.Network, options.AdapterDirectory);
            return new EmbeddingTransformer(host, new(new(model, owned: true), new EmbeddingSettings(
                options.TextColumnName, options.FeaturesColumnName, options.Pooling, Normalize: false, model.Config.ContextLength, BatchSize)));
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private WindowSettings Windows(LanguageModel model)
    {
        var length = (options.MaximumTokens ?? model.Config.ContextLength) - model.Tokenizer.FrameLength;
        return new WindowSettings(
            options.Packing, length, length - 1, options.Training.BatchSize, TextBoundary.Of(model.Tokenizer), TokenRows.PaddingId(model.Tokenizer), model.Network.Device)
        {
            Masking = new TokenMasking(model.Tokenizer, options.Masking),
        };
    }

    private LanguageModel CreateModel(IEnumerable<string> texts, int seed)
    {
        if (options.LanguageModel is not null)
        {
            var copy = options.LanguageModel.Clone();
            copy.Network.SeedDropout(seed);
            return copy;
        }

        var tokenizer = options.Tokenizer ?? BytePairLearner.Learn(texts, options.BytePairs, options.Training.CancellationToken);
        options.RequireMarks(tokenizer, nameof(options.BytePairs));
        return UntrainedModel.Create(options.Network, tokenizer, options.Training, seed);
    }
}
