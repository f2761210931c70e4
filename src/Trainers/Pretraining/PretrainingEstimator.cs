using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNetLlm.Models;
using MLNetLlm.Transforms;

namespace MLNetLlm.Trainers;

/// <summary>
/// Trains a decoder language model on a text column by predicting each next token.
/// </summary>
/// <remarks>
/// <list type="table">
/// <listheader><term>Column</term><description>Type</description></listheader>
/// <item><term>in: <c>Text</c></term><description>text</description></item>
/// <item><term>out: <c>Continuation</c></term><description>text: what the model writes after the text</description></item>
/// <item><term>out: <c>LogLikelihood</c></term><description>Single: sum of the log-probabilities of the text's tokens after its first, in nats</description></item>
/// <item><term>out: <c>Perplexity</c></term><description>Single: exp of the mean negative log-likelihood per token</description></item>
/// </list>
/// </remarks>
public sealed class PretrainingEstimator : IEstimator<LanguageModelTransformer>
{
    private readonly IHost host;
    private readonly PretrainingOptions options;

    internal PretrainingEstimator(IHostEnvironment environment, PretrainingOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        host = environment.Register(nameof(PretrainingEstimator));
        this.options = options;
    }

    private LanguageModelColumns Columns => new(
        options.TextColumnName, options.ContinuationColumnName, options.LogLikelihoodColumnName, options.PerplexityColumnName);

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">The text column is missing or not text.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => LanguageModelTransformer.GetOutputSchema(host, inputSchema, Columns);

    /// <summary>Learns the tokenizer, unless one was given, and trains the model.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The text column is missing or not text.</exception>
    /// <exception cref="ArgumentException">How texts are generated does not fit the tokenizer or the context.</exception>
    /// <exception cref="InvalidOperationException">There is too little text to train on.</exception>
    /// <exception cref="TrainingDivergedException">The loss was no longer a number.</exception>
    /// <exception cref="IOException">The token cache cannot be written; the message names its folder.</exception>
    /// <exception cref="OperationCanceledException">The work was cancelled before anything was trained.</exception>
    /// <exception cref="TrainingCanceledException">The training was cancelled.</exception>
    /// <exception cref="TrainingOutOfMemoryException">A step needed more memory than there is.</exception>
    /// <exception cref="TrainingCheckpointException">A checkpoint could not be written.</exception>
    /// <exception cref="TrainingReportException">Progress could not write its report.</exception>
    /// <exception cref="ResumeRefusedException">The directory of checkpoints holds a run with other settings, another tokenizer or other data.</exception>
    public LanguageModelTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var seed = TrainingLoop.ChooseSeed(options.Training, host);
        var training = new CorpusTraining(host, new CorpusSettings(
            options.TextColumnName, options.ValidationFraction, options.ValidationSet, options.ValidationTokens, options.TokenCache,
            options.SubwordDropout, options.Training), input, seed);
        using var channel = host.Start(nameof(Fit));
        var model = CreateModel(training.TrainingRows, seed);
        try
        {
            options.Generation.ValidateFor(model.Network);
            AdapterTraining.Begin(model.Network, options.Lora, seed);
            training.Run(model, Windows(model), options.Samples, data => new CausalLanguageModelObjective(model, options, data), channel);
            AdapterTraining.Finish(model.Network, options.AdapterDirectory);
            return new LanguageModelTransformer(host, model, Columns, options.Generation);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private WindowSettings Windows(LanguageModel model)
    {
        var length = options.WindowLength ?? model.Config.ContextLength;
        if (options.Packing != TextPacking.Stream && model.Tokenizer.EndOfTextId is null)
        {
            throw new InvalidOperationException(
                $"Packing is {options.Packing}, which needs a tokenizer with an end-of-text token; BytePairs.SpecialTokens holds none.");
        }

        return new WindowSettings(
            options.Packing, length, options.Stride ?? length - 1, options.Training.BatchSize, model.Tokenizer.EndOfTextId,
            TokenRows.PaddingId(model.Tokenizer), model.Network.Device);
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
        return UntrainedModel.Create(options.Network, tokenizer, options.Training, seed);
    }
}
