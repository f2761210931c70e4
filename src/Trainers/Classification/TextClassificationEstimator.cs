using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNetLlm.Models;
using MLNetLlm.Transforms;

namespace MLNetLlm.Trainers;

/// <summary>
/// Fine-tunes a language model, with a classification head, to tell the classes of texts apart.
/// </summary>
/// <remarks>
/// <list type="table">
/// <listheader><term>Column</term><description>Type</description></listheader>
/// <item><term>in: <c>Text</c></term><description>text</description></item>
/// <item><term>in: <c>Label</c></term><description>Boolean (binary) or key (multiclass); read by <see cref="Fit"/> only</description></item>
/// <item><term>out: <c>Score</c></term><description>binary: Single, the log-odds of the positive class; multiclass: vector of Single, a probability per class</description></item>
/// <item><term>out: <c>Probability</c></term><description>binary: Single, 0 to 1</description></item>
/// <item><term>out: <c>PredictedLabel</c></term><description>binary: Boolean; multiclass: key with the label's values</description></item>
/// </list>
/// </remarks>
public sealed class TextClassificationEstimator : IEstimator<TextClassificationTransformer>
{
    private static readonly string[] BinaryLabels = ["false", "true"];

    private readonly IHost host;
    private readonly TextClassificationOptions options;
    private readonly bool binary;

    internal TextClassificationEstimator(IHostEnvironment environment, TextClassificationOptions options, bool binary)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        host = environment.Register(nameof(TextClassificationEstimator));
        this.options = options;
        this.binary = binary;
    }

    private TextClassificationColumns Columns => new(
        options.TextColumnName, options.LabelColumnName, options.ScoreColumnName, options.ProbabilityColumnName, options.PredictedLabelColumnName);

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">The text or label column is missing or of another type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema) =>
        TextClassificationTransformer.GetOutputSchema(host, inputSchema, Columns, binary);

    /// <summary>Fine-tunes a copy of the language model.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The text or label column is missing or of another type.</exception>
    /// <exception cref="InvalidOperationException">There are no rows, all rows have the same label, or those of <see cref="TextClassificationOptions.ValidationSet"/> have other classes.</exception>
    /// <exception cref="TrainingDivergedException">The loss was no longer a number.</exception>
    /// <exception cref="TrainingCanceledException">The training was cancelled.</exception>
    /// <exception cref="TrainingOutOfMemoryException">A step needed more memory than there is.</exception>
    /// <exception cref="TrainingCheckpointException">A checkpoint could not be written.</exception>
    /// <exception cref="TrainingReportException">Progress could not write its report.</exception>
    /// <exception cref="ResumeRefusedException">The directory of checkpoints holds a run with other settings, another tokenizer or other data.</exception>
    public TextClassificationTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var (labels, rows) = Read(input);
        RequireTwoClasses(labels, rows);
        var seed = TrainingLoop.ChooseSeed(options.Training, host);
        var (training, validation) = options.ValidationSet is null
            ? HoldOut.Stratified(rows, row => row.Label, options.ValidationFraction, new Random(seed))
            : (rows, ReadValidation(options.ValidationSet, labels));
        using var channel = host.Start(nameof(Fit));
        var model = CreateModel(labels, training, seed);
        try
        {
            var truncation = new TruncationReport(host, options.TextColumnName, model.MaximumTextTokens);
            using var objective = new ClassificationObjective(model, options, training, validation, truncation);
            truncation.Report();
            PlanReport.Announce(objective.Plan, objective.Stage, options.Training, channel);
            new TrainingLoop(options.Training, objective, new RunGuard(host, options.Training), channel).Run(seed);
            AdapterTraining.Finish(model.Backbone.Network, options.AdapterDirectory);
            return new TextClassificationTransformer(host, model, Columns, binary);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private (IReadOnlyList<string> Labels, IReadOnlyList<LabelledText> Rows) Read(IDataView data)
    {
        var texts = TextColumn.Read(host, data, options.TextColumnName);
        var (labels, indices) = binary
            ? (BinaryLabels, LabelColumn.ReadBoolean(host, data, options.LabelColumnName))
            : LabelColumn.ReadKey(host, data, options.LabelColumnName);
        return (labels, texts.Zip(indices, (text, label) => new LabelledText(text, label)).ToList());
    }

    // A key is a number, which the one who maps values to keys chooses.
    private IReadOnlyList<LabelledText> ReadValidation(IDataView data, IReadOnlyList<string> labels)
    {
        var (found, rows) = Read(data);
        return found.SequenceEqual(labels) ? rows : throw new InvalidOperationException(
            $"Column '{options.LabelColumnName}' of ValidationSet must have the classes of the training data in the same order, {string.Join(", ", labels)}, "
            + $"but has {string.Join(", ", found)}: map the labels of both to keys with one fitted transformer.");
    }

    private void RequireTwoClasses(IReadOnlyList<string> labels, IReadOnlyList<LabelledText> rows)
    {
        if (rows.Count == 0)
        {
            throw new InvalidOperationException("The training data has no rows.");
        }

        if (rows.All(row => row.Label == rows[0].Label))
        {
            throw new InvalidOperationException(
                $"All {rows.Count} training rows have the label '{labels[rows[0].Label]}' in column '{options.LabelColumnName}'; " +
                "classification needs rows of at least two classes.");
        }
    }

    private TextClassificationModel CreateModel(IReadOnlyList<string> labels, IReadOnlyList<LabelledText> rows, int seed)
    {
        var backbone = options.LanguageModel?.Clone(options.Dropout) ?? CreateBackbone(rows, seed);
        try
        {
            var model = TextClassificationModel.Create(
                backbone, labels, options.Pooling ?? backbone.Network.DefaultPooling, options.MaximumTokens ?? backbone.Config.ContextLength, backbone.Config.Dropout, seed,
                framesTexts: options.FrameTexts && (backbone.Tokenizer.HasFrame || backbone.Tokenizer.EndOfTextId is not null));
            AdapterTraining.Begin(backbone.Network, options.Lora, seed);
            if (options.TrainableBlocks is { } blocks)
            {
                backbone.Network.FreezeAllBut(blocks);
            }

            return model;
        }
        catch
        {
            backbone.Dispose();
            throw;
        }
    }

    private LanguageModel CreateBackbone(IReadOnlyList<LabelledText> rows, int seed)
    {
        var tokenizer = BytePairLearner.Learn(rows.Select(row => row.Text), options.BytePairs, options.Training.CancellationToken);
        return UntrainedModel.Create(options.Network with { Dropout = options.Dropout ?? options.Network.Dropout }, tokenizer, options.Training, seed);
    }
}
