using Microsoft.ML;
using MLNetLlm.Models;
using MLNetLlm.Transforms;

namespace MLNetLlm.Trainers;

/// <summary>What happens to a training example that is longer than <see cref="InstructionTuningOptions.MaximumTokens"/>.</summary>
public enum LongExamples
{
    /// <summary>It is left out; a warning says how many were.</summary>
    Drop,

    /// <summary>Its end is cut off, and where nothing of a response would be left it is left out; a warning says how many of each.</summary>
    Truncate,

    /// <summary>The training does not begin; the error names the rows.</summary>
    Refuse,
}

/// <summary>Settings of <see cref="InstructionTuningEstimator"/>.</summary>
public sealed record InstructionTuningOptions
{
    /// <summary>Text column with the instructions.</summary>
    [MayDifferOnResume]
    public string InstructionColumnName { get; init; } = "Instruction";

    /// <summary>Text column with what an instruction is about, empty in rows that need nothing; <see langword="null"/> if there is none.</summary>
    [MayDifferOnResume]
    public string? InputColumnName { get; init; }

    /// <summary>Text column with the responses to learn; read by <c>Fit</c> only.</summary>
    [MayDifferOnResume]
    public string OutputColumnName { get; init; } = "Output";

    /// <summary>
    /// Text column with whole conversations in place of the three columns above: each row an array of messages as
    /// <see cref="ConversationJson"/> describes it. Every turn of the assistant is learned.
    /// </summary>
    [MayDifferOnResume]
    public string? ConversationColumnName { get; init; }

    /// <summary>Output column with the model's responses.</summary>
    [MayDifferOnResume]
    public string ResponseColumnName { get; init; } = "Response";

    /// <summary>The pretrained model; it is copied, not changed. Give this or <see cref="Checkpoint"/>.</summary>
    public LanguageModel? LanguageModel { get; init; }

    /// <summary>A checkpoint of the pretrained model: a directory, or a name on the model hub, from which it is downloaded once.</summary>
    [MayDifferOnResume]
    public string? Checkpoint { get; init; }

    /// <summary>How instructions and conversations are written for the model.</summary>
    public ChatTemplate Template { get; init; } = ChatTemplate.Alpaca;

    /// <summary>Whether the model learns to predict the prompt too, rather than the responses alone.</summary>
    public bool LearnsPrompt { get; init; }

    /// <summary>Most tokens of an example, template included; <see langword="null"/> is the context length.</summary>
    public int? MaximumTokens { get; init; }

    /// <summary>What happens to longer examples.</summary>
    public LongExamples LongExamples { get; init; } = LongExamples.Drop;

    /// <summary>
    /// Whether the examples of a batch share rows, as many as fit beside the longest, without seeing each other: batches are
    /// drawn at random from all examples and hardly padded, at the price of attention with a mask. Otherwise batches hold examples
    /// of similar length. The loss of a batch is the same either way.
    /// </summary>
    public bool PacksExamples { get; init; }

    /// <summary>Dropout while tuning, 0 to below 1; <see langword="null"/> keeps the language model's.</summary>
    public double? Dropout { get; init; }

    /// <summary>
    /// How many of the last transformer blocks are trained, with the final norm; <see langword="null"/> trains everything. The
    /// embeddings of a template's new special tokens then stay as they begin, too.
    /// </summary>
    public int? TrainableBlocks { get; init; }

    /// <summary>
    /// Low-rank adapters (Hu et al. 2021) that learn in place of the weights, and are merged into them at the end;
    /// <see langword="null"/> trains the weights themselves. The embeddings of a template's new special tokens stay as they begin:
    /// templates of plain text (Alpaca), or of tokens that the model knows, suit adapters best.
    /// </summary>
    public LoraOptions? Lora { get; init; }

    /// <summary>Where the adapters go, in the public PEFT layout, before they are merged; <see langword="null"/> keeps no file of them.</summary>
    [MayDifferOnResume]
    public string? AdapterDirectory { get; init; }

    /// <summary>Share of the rows held out to choose the best epoch, where no <see cref="ValidationSet"/> is given; 0 to 0.5.</summary>
    public double ValidationFraction { get; init; } = 0.1;

    /// <summary>Rows to choose the best epoch on.</summary>
    public IDataView? ValidationSet { get; init; }

    /// <summary>How the response column is written.</summary>
    [MayDifferOnResume]
    public GenerationOptions Generation { get; init; } = new() { MaximumNewTokens = 128 };

    /// <summary>How the training runs.</summary>
    public TrainingOptions Training { get; init; } = new();

    internal InstructionColumns Columns => new(InstructionColumnName, InputColumnName, ConversationColumnName, ResponseColumnName);

    /// <summary>Checks every setting.</summary>
    /// <exception cref="ArgumentException">A setting is out of its range or contradicts another; the message names it.</exception>
    public void Validate()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(InstructionColumnName);
        ArgumentException.ThrowIfNullOrWhiteSpace(OutputColumnName);
        ArgumentException.ThrowIfNullOrWhiteSpace(ResponseColumnName);
        ArgumentNullException.ThrowIfNull(Template);
        Template.Validate();
        Training.Validate();
        Generation.Validate();
        Setting.AtLeast(1, Generation.MaximumNewTokens, nameof(GenerationOptions.MaximumNewTokens));
        Setting.Defined(LongExamples, nameof(LongExamples));
        Setting.Between(0, 0.95, Dropout ?? 0, nameof(Dropout));
        Setting.Between(0, 0.5, ValidationFraction, nameof(ValidationFraction));
        AdapterTraining.Validate(Lora, AdapterDirectory, TrainableBlocks);
        Source.Validate();
        if (LanguageModel is not null)
        {
            ValidateAgainst(LanguageModel);
        }
    }

    internal ModelSource Source => new(LanguageModel, Checkpoint, Training.Precision, Training.Device);

    /// <summary>Checks the settings whose range depends on the model.</summary>
    internal void ValidateAgainst(LanguageModel model)
    {
        if (!model.Network.IsCausal)
        {
            throw new ArgumentException(
                $"LanguageModel is a {model.Network.GetName()}, which looks both ways and cannot write responses; give a decoder such as GPT-2.", nameof(LanguageModel));
        }

        AdapterTraining.ValidateAgainst(model, Lora);
        var contextLength = model.Config.ContextLength;
        if (MaximumTokens is { } tokens && (tokens < 2 || tokens > contextLength))
        {
            throw new ArgumentOutOfRangeException(
                nameof(MaximumTokens), $"MaximumTokens must be between 2 and the context length {contextLength}, but is {tokens}.");
        }

        if (TrainableBlocks is { } blocks && (blocks < 0 || blocks > model.Config.LayerCount))
        {
            throw new ArgumentOutOfRangeException(
                nameof(TrainableBlocks), $"TrainableBlocks must be between 0 and the {model.Config.LayerCount} blocks of the model, but is {blocks}.");
        }
    }
}
