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
    /// <exception cref="IOException">The token cache cannot be written; the message names its folder.</exception>
    /// <exception cref="OperationCanceledException">The work was cancelled before anything was trained.</exception>
    /// <exception cref="TrainingCanceledException">The training was cancelled.</exception>
    /// <exception cref="TrainingOutOfMemoryException">A step needed more memory than there is.</exception>
    /// <exception cref="TrainingCheckpointException">A checkpoint could not be written.</exception>
    /// <exception cref="ResumeRefusedException">The directory of checkpoints holds a run with other settings, another tokenizer or other data.</exception>
    public LanguageModelTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var seed = TrainingLoop.ChooseSeed(options.Training, host);
        var (trainingRows, validationRows) = Rows(input, seed);
        using var channel = host.Start(nameof(Fit));
        var model = CreateModel(trainingRows, seed);
        try
        {
            Train(model, trainingRows, validationRows, seed, channel);
            return new LanguageModelTransformer(host, model, Columns, options.Generation);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private void Train(LanguageModel model, CorpusRows trainingRows, CorpusRows validationRows, int seed, IChannel channel)
    {
        var windows = Windows(model);
        var reader = new CorpusReader(options.TokenCache, model.Tokenizer, channel, ThrowIfCanceled);
        using var training = options.SubwordDropout > 0
            ? reader.ReadForResplitting("training", trainingRows, options.SubwordDropout)
            : reader.Read("training", trainingRows);
        if (training.Corpus.TokenCount < 2)
        {
            throw new InvalidOperationException(
                $"Column '{options.TextColumnName}' has {training.Report.Rows} training rows with {training.Corpus.TokenCount} tokens; pretraining needs at least 2 tokens.");
        }

        using var validation = reader.Read("validation", validationRows);
        var source = new WindowSource(training.Corpus, windows);
        var (validationBatches, validationCount) = Validation(validation.Corpus, windows);
        var sinks = new TrainingSinks(options.Training.Progress);
        foreach (var report in new[] { training.Complete(source.Windows), validation.Complete(validationBatches?.Windows, validationCount * windows.BatchSize) })
        {
            channel.Info($"pretraining: {report}");
            sinks.Report(report);
        }

        var plan = TrainingPlan.For(model.Network, training.Corpus.TokenCount * (windows.Length - 1) / windows.Stride, options.Training, windows.Length);
        channel.Info($"pretraining: {plan}");
        if (plan.ExceedsMemory)
        {
            channel.Warning(plan.MemoryWarning);
        }

        sinks.Report(plan);
        var objective = new CausalLanguageModelObjective(model, options, new PretrainingData(
            source, training.Report.Fingerprint, validationBatches, validationCount, validation.Report.Fingerprint));
        var settings = options.Samples is { } samples
            ? options.Training with { Progress = new SampleWriter(model, samples, sinks) }
            : options.Training;
        new TrainingLoop(settings, objective, new RunGuard(host, settings), channel).Run(seed);
    }

    private (CorpusRows Training, CorpusRows Validation) Rows(IDataView input, int seed) => options.ValidationSet is null
        ? (Select(input, RowSelection.Training(options.ValidationFraction, seed)), Select(input, RowSelection.HeldOut(options.ValidationFraction, seed)))
        : (Select(input, RowSelection.All), Select(options.ValidationSet, RowSelection.All));

    private CorpusRows Select(IDataView data, RowSelection rows) => new(host, data, options.TextColumnName, rows, ThrowIfCanceled);

    private void ThrowIfCanceled()
    {
        options.Training.CancellationToken.ThrowIfCancellationRequested();
        if (MLEnvironment.IsCanceled(host))
        {
            throw new OperationCanceledException("Pretraining was canceled while its texts were read; nothing was trained yet.");
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

    private (WindowBatches? Batches, long Count) Validation(IPretrainingCorpus corpus, WindowSettings training)
    {
        if (corpus.TokenCount < 2)
        {
            return (null, 0);
        }

        // Every token counts once, whatever the windows of the training are.
        var settings = training with { Stride = training.Length - 1 };
        var tokens = corpus.InOrder();
        var windows = settings.Windows(tokens, offset: 0);
        var batches = new WindowBatches(tokens, windows, settings, settings.BatchesFor(windows.Count), seed: 0, epoch: 0);
        var wanted = (options.ValidationTokens + (long)settings.Length * settings.BatchSize - 1) / ((long)settings.Length * settings.BatchSize);
        return (batches, Math.Min(batches.Count, wanted));
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
        var config = options.Network with { VocabularySize = (tokenizer.VocabularySize + 63) / 64 * 64 };
        return LanguageModel.Create(config, tokenizer, options.Training.Precision, ComputeDevice.Select(options.Training.Device), seed);
    }
}
