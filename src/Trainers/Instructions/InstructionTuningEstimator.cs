using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNetLlm.Models;
using MLNetLlm.Transforms;

namespace MLNetLlm.Trainers;

/// <summary>
/// Teaches a pretrained language model to answer instructions, or to take its turns in conversations, from examples.
/// </summary>
/// <remarks>
/// <list type="table">
/// <listheader><term>Column</term><description>Type</description></listheader>
/// <item><term>in: <c>Instruction</c></term><description>text</description></item>
/// <item><term>in: <c>Input</c></term><description>text, only where <see cref="InstructionTuningOptions.InputColumnName"/> is set; may be empty</description></item>
/// <item><term>in: <c>Output</c></term><description>text: the response to learn; read by <see cref="Fit"/> only</description></item>
/// <item><term>in: <c>Conversation</c></term><description>text in place of these, where <see cref="InstructionTuningOptions.ConversationColumnName"/> is set: see <see cref="ConversationJson"/></description></item>
/// <item><term>out: <c>Response</c></term><description>text: what the model answers</description></item>
/// </list>
/// </remarks>
public sealed class InstructionTuningEstimator : IEstimator<InstructionTransformer>
{
    private readonly IHost host;
    private readonly InstructionTuningOptions options;

    internal InstructionTuningEstimator(IHostEnvironment environment, InstructionTuningOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        host = environment.Register(nameof(InstructionTuningEstimator));
        this.options = options;
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">A text column is missing or not text.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        var output = InstructionTransformer.GetOutputSchema(host, inputSchema, options.Columns);
        if (options.ConversationColumnName is null)
        {
            ColumnChecks.Text(host, inputSchema, options.OutputColumnName);
        }

        return output;
    }

    /// <summary>Tunes a copy of the language model.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A text column is missing or not text.</exception>
    /// <exception cref="InvalidOperationException">There are no rows, or rows lack an instruction or a response, or are too long; the message names them.</exception>
    /// <exception cref="FormatException">A conversation is malformed; the message names its row.</exception>
    /// <exception cref="ArgumentException">An adapter's target matches no layer, or how responses are generated does not fit the model.</exception>
    /// <exception cref="TrainingDivergedException">The loss was no longer a number.</exception>
    /// <exception cref="TrainingCanceledException">The training was cancelled.</exception>
    /// <exception cref="TrainingOutOfMemoryException">A step needed more memory than there is.</exception>
    /// <exception cref="TrainingCheckpointException">A checkpoint could not be written.</exception>
    /// <exception cref="TrainingReportException">Progress could not write its report.</exception>
    /// <exception cref="ResumeRefusedException">The directory of checkpoints holds a run with other settings, another tokenizer or other data.</exception>
    public InstructionTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var rows = Read(input);
        var seed = TrainingLoop.ChooseSeed(options.Training, host);
        var (training, validation) = options.ValidationSet is null
            ? HoldOut.Split(rows, options.ValidationFraction, new Random(seed))
            : (rows, Read(options.ValidationSet));
        using var channel = host.Start(nameof(Fit));
        var model = CreateModel(seed);
        try
        {
            options.Generation.ValidateFor(model.Network);
            var encoder = new ChatEncoder(model.Tokenizer, options.Template);
            var maximumTokens = options.MaximumTokens ?? model.Config.ContextLength;
            var examples = InstructionExamples.Create(training, encoder, maximumTokens, options, "training", channel);
            var validationExamples = InstructionExamples.Create(validation, encoder, maximumTokens, options, "validation", channel);
            channel.Info(
                $"instruction tuning: {examples.Count} examples of {examples.Sum(example => example.Inputs.Length)} tokens, of which "
                + $"{examples.Sum(example => example.Targets.Count(target => target != LanguageModelLoss.Ignored))} are learned; "
                + $"template {options.Template.Name}");
            var objective = new InstructionObjective(model, options, examples, validationExamples);
            PlanReport.Announce(objective.Plan, objective.Stage, options.Training, channel);
            new TrainingLoop(options.Training, objective, new RunGuard(host, options.Training), channel).Run(seed);
            AdapterTraining.Finish(model.Network, options.AdapterDirectory);
            return new InstructionTransformer(host, model, options.Template, options.Columns, options.Generation);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private IReadOnlyList<InstructionRow> Read(IDataView data) =>
        InstructionRows.Read(host, data, options.Columns, options.OutputColumnName, options.Template);

    private LanguageModel CreateModel(int seed)
    {
        using var loaded = options.LanguageModel is null ? options.Source.Load(host, options.Training.CancellationToken) : null;
        var pretrained = loaded ?? options.LanguageModel!;
        options.ValidateAgainst(pretrained);
        var model = pretrained.ForTemplate(options.Template, options.Dropout);
        try
        {
            Prepare(model, seed);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private void Prepare(LanguageModel model, int seed)
    {
        model.Network.SeedDropout(seed);
        AdapterTraining.Begin(model.Network, options.Lora, seed);
        if (options.TrainableBlocks is { } blocks)
        {
            model.Network.FreezeAllBut(blocks);
        }
    }
}
