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
    /// <exception cref="InvalidOperationException">There is too little text to train on.</exception>
    /// <exception cref="TrainingDivergedException">The loss was no longer a number.</exception>
    /// <exception cref="TrainingCanceledException">The training was cancelled.</exception>
    /// <exception cref="TrainingOutOfMemoryException">A step needed more memory than there is.</exception>
    /// <exception cref="TrainingCheckpointException">A checkpoint could not be written.</exception>
    /// <exception cref="ResumeRefusedException">The directory of checkpoints holds a run with other settings, another tokenizer or other data.</exception>
    public LanguageModelTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var texts = TextColumn.Read(host, input, options.TextColumnName);
        var seed = TrainingLoop.ChooseSeed(options.Training, host);
        var (trainingTexts, validationTexts) = options.ValidationSet is null
            ? HoldOut.Split(texts, options.ValidationFraction, new Random(seed))
            : (texts, TextColumn.Read(host, options.ValidationSet, options.TextColumnName));
        using var channel = host.Start(nameof(Fit));
        var model = CreateModel(trainingTexts, seed);
        try
        {
            var objective = new CausalLanguageModelObjective(model, options, trainingTexts, validationTexts);
            if (objective.TokenCount < 2)
            {
                throw new InvalidOperationException(
                    $"Column '{options.TextColumnName}' has {trainingTexts.Count} training rows with {objective.TokenCount} tokens; pretraining needs at least 2 tokens.");
            }

            channel.Info($"pretraining: {objective.TokenCount} tokens of {trainingTexts.Count} texts, {model.Network.parameters().Sum(p => p.numel())} parameters");
            var loop = new TrainingLoop(options.Training, objective, new RunGuard(host, options.Training), channel);
            loop.Run(seed);
            return new LanguageModelTransformer(host, model, Columns, options.Generation);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private LanguageModel CreateModel(IReadOnlyList<string> texts, int seed)
    {
        if (options.LanguageModel is not null)
        {
            var copy = options.LanguageModel.Clone();
            copy.Network.SeedDropout(seed);
            return copy;
        }

        var tokenizer = options.Tokenizer ?? BytePairLearner.Learn(texts, options.BytePairs, options.Training.CancellationToken);
        var config = options.Network with { VocabularySize = (tokenizer.VocabularySize + 63) / 64 * 64 };
        return LanguageModel.Create(config, tokenizer, options.Training.Precision, ComputeDevice.Select(options.Training.Device), seed);
    }
}
