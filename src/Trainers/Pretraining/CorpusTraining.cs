using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNetLlm.Models;
using MLNetLlm.Transforms;

namespace MLNetLlm.Trainers;

/// <summary>What a pretraining does whatever it predicts: reads the texts, cuts them into windows, says what will happen, and trains.</summary>
internal sealed class CorpusTraining
{
    private readonly IHost host;
    private readonly CorpusSettings settings;
    private readonly int seed;

    /// <exception cref="ArgumentOutOfRangeException">The text column is missing or not text.</exception>
    public CorpusTraining(IHost host, CorpusSettings settings, IDataView input, int seed)
    {
        this.host = host;
        this.settings = settings;
        this.seed = seed;
        var (fraction, validationSet) = (settings.ValidationFraction, settings.ValidationSet);
        TrainingRows = Select(input, validationSet is null ? RowSelection.Training(fraction, seed) : RowSelection.All);
        ValidationRows = Select(validationSet ?? input, validationSet is null ? RowSelection.HeldOut(fraction, seed) : RowSelection.All);
    }

    public CorpusRows TrainingRows { get; }

    private CorpusRows ValidationRows { get; }

    /// <param name="model">Trained from here on.</param>
    /// <param name="windows">How texts become batches.</param>
    /// <param name="samples">Texts to write in between, or <see langword="null"/>.</param>
    /// <param name="createObjective">What is to be learned.</param>
    /// <param name="channel">Gets what is worth a line in the log.</param>
    public void Run(LanguageModel model, WindowSettings windows, SampleOptions? samples, Func<PretrainingData, IObjective> createObjective, IChannel channel)
    {
        var reader = new CorpusReader(settings.TokenCache, model.Tokenizer, channel, ThrowIfCanceled);
        using var training = settings.SubwordDropout > 0
            ? reader.ReadForResplitting("training", TrainingRows, settings.SubwordDropout)
            : reader.Read("training", TrainingRows);
        if (training.Corpus.TokenCount < 2)
        {
            throw new InvalidOperationException(
                $"Column '{TrainingRows.ColumnName}' has {training.Report.Rows} training rows with {training.Corpus.TokenCount} tokens; pretraining needs at least 2 tokens.");
        }

        using var validation = reader.Read("validation", ValidationRows);
        var source = new WindowSource(training.Corpus, windows);
        var (validationBatches, validationCount) = Validation(validation.Corpus, windows);
        var objective = createObjective(new PretrainingData(
            source, training.Report.Fingerprint, validationBatches, validationCount, validation.Report.Fingerprint));
        var sinks = new TrainingSinks(settings.Training.Progress);
        foreach (var report in new[] { training.Complete(source.Windows), validation.Complete(validationBatches?.Windows, validationCount * windows.BatchSize) })
        {
            channel.Info($"{objective.Stage}: {report}");
            sinks.Report(report);
        }

        var plan = TrainingPlan.For(model.Network, training.Corpus.TokenCount * (windows.Length - 1) / windows.Stride, settings.Training, windows.Length);
        PlanReport.Announce(plan, objective.Stage, settings.Training, channel);
        var loopSettings = samples is null ? settings.Training : settings.Training with { Progress = new SampleWriter(model, samples, sinks) };
        new TrainingLoop(loopSettings, objective, new RunGuard(host, loopSettings), channel).Run(seed);
    }

    private (WindowBatches? Batches, long Count) Validation(IPretrainingCorpus corpus, WindowSettings training)
    {
        if (corpus.TokenCount < 2)
        {
            return (null, 0);
        }

        // Every token counts once, whatever the windows of the training are.
        var own = training with { Stride = training.Length - 1 };
        var tokens = corpus.InOrder();
        var windows = own.Windows(tokens, offset: 0);
        var batches = new WindowBatches(tokens, windows, own, own.BatchesFor(windows.Count), seed: 0, epoch: 0);
        var wanted = (settings.ValidationTokens + (long)own.Length * own.BatchSize - 1) / ((long)own.Length * own.BatchSize);
        return (batches, Math.Min(batches.Count, wanted));
    }

    private CorpusRows Select(IDataView data, RowSelection rows) => new(host, data, settings.TextColumnName, rows, ThrowIfCanceled);

    private void ThrowIfCanceled()
    {
        settings.Training.CancellationToken.ThrowIfCancellationRequested();
        if (MLEnvironment.IsCanceled(host))
        {
            throw new OperationCanceledException("Pretraining was canceled while its texts were read; nothing was trained yet.");
        }
    }
}

/// <summary>The settings that every pretraining has.</summary>
internal sealed record CorpusSettings(
    string TextColumnName,
    double ValidationFraction,
    IDataView? ValidationSet,
    int ValidationTokens,
    TokenCacheOptions TokenCache,
    double SubwordDropout,
    TrainingOptions Training);

/// <summary>What a model is pretrained and validated on.</summary>
/// <param name="Training">Where batches come from.</param>
/// <param name="TrainingFingerprint">Digest of the texts behind them.</param>
/// <param name="Validation">Batches to measure the loss on, or <see langword="null"/>.</param>
/// <param name="ValidationBatches">How many of them are used, from the first on.</param>
/// <param name="ValidationFingerprint">Digest of the texts behind them.</param>
internal sealed record PretrainingData(
    WindowSource Training, string TrainingFingerprint, WindowBatches? Validation, long ValidationBatches, string ValidationFingerprint);
