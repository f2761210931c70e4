using Microsoft.ML;
using MLNetLlm.Models;

namespace MLNetLlm.Trainers;

/// <summary>Settings of <see cref="TextClassificationEstimator"/>.</summary>
public sealed record TextClassificationOptions
{
    /// <summary>Text column to classify.</summary>
    public string TextColumnName { get; init; } = "Text";

    /// <summary>Label column: Boolean for binary classification, a key for multiclass.</summary>
    public string LabelColumnName { get; init; } = "Label";

    /// <summary>Output column with the score.</summary>
    [MayDifferOnResume]
    public string ScoreColumnName { get; init; } = "Score";

    /// <summary>Output column with the probability of the positive class; binary classification only.</summary>
    [MayDifferOnResume]
    public string ProbabilityColumnName { get; init; } = "Probability";

    /// <summary>Output column with the predicted label.</summary>
    [MayDifferOnResume]
    public string PredictedLabelColumnName { get; init; } = "PredictedLabel";

    /// <summary>
    /// The pretrained or loaded model to fine-tune; it is copied, not changed. <see langword="null"/> starts from random
    /// weights of shape <see cref="Network"/>, with a tokenizer learned from the text column.
    /// </summary>
    public LanguageModel? LanguageModel { get; init; }

    /// <summary>Shape of the network where no <see cref="LanguageModel"/> is given.</summary>
    public TransformerConfig Network { get; init; } = GptConfig.Mini;

    /// <summary>How the tokenizer is learned where no <see cref="LanguageModel"/> is given.</summary>
    public BytePairOptions BytePairs { get; init; } = new();

    /// <summary>Which positions of a text the classification head sees; <see langword="null"/> is the network's default.</summary>
    public Pooling? Pooling { get; init; }

    /// <summary>How many of the last transformer blocks are trained along with the head; <see langword="null"/> trains everything, 0 the head and final norm only.</summary>
    public int? TrainableBlocks { get; init; }

    /// <summary>
    /// Low-rank adapters (Hu et al. 2021) that learn in place of the weights of <see cref="LanguageModel"/>, the head apart, and are merged into
    /// them at the end; <see langword="null"/> trains the weights themselves.
    /// </summary>
    public LoraOptions? Lora { get; init; }

    /// <summary>Where the adapters go, in the public PEFT layout, before they are merged; <see langword="null"/> keeps no file of them.</summary>
    [MayDifferOnResume]
    public string? AdapterDirectory { get; init; }

    /// <summary>
    /// Whether special tokens stand around each text: those that the tokenizer's own frame has (<c>[CLS]</c> and <c>[SEP]</c> in
    /// BERT); in tokenizers without a frame the end-of-text token before and after, as texts are parted in pretraining. Without
    /// either nothing is put there.
    /// </summary>
    public bool FrameTexts { get; init; } = true;

    /// <summary>Longer texts are cut to this many tokens, which is reported; <see langword="null"/> is the context length.</summary>
    public int? MaximumTokens { get; init; }

    /// <summary>How much the rows of each class count in the loss; <see langword="null"/>: every row the same.</summary>
    public ClassWeights? ClassWeights { get; init; }

    /// <summary>Share of the target probability spread over all classes; 0 to below 1.</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>Dropout while fine-tuning; <see langword="null"/> keeps the language model's. 0 to below 1.</summary>
    public double? Dropout { get; init; }

    /// <summary>Probability that a merge is skipped while splitting training texts (BPE dropout, Provilkov et al. 2020); 0 to below 1.</summary>
    public double SubwordDropout { get; init; }

    /// <summary>Weight of the language-model loss kept beside the classification loss (Radford et al. 2018, section 3.2); 0 or more, and 0 in networks that look both ways.</summary>
    public double LanguageModelLossWeight { get; init; }

    /// <summary>Share of the rows, in each class, held out to choose the best epoch, where no <see cref="ValidationSet"/> is given; 0 to 0.5.</summary>
    public double ValidationFraction { get; init; } = 0.1;

    /// <summary>Rows to choose the best epoch on; keys in its label column mean the same classes as those of the training data.</summary>
    public IDataView? ValidationSet { get; init; }

    /// <summary>How the training runs.</summary>
    public TrainingOptions Training { get; init; } = new();

    /// <summary>Checks every setting.</summary>
    /// <exception cref="ArgumentException">A setting is out of its range; the message names it.</exception>
    public void Validate()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(TextColumnName);
        ArgumentException.ThrowIfNullOrWhiteSpace(LabelColumnName);
        ArgumentException.ThrowIfNullOrWhiteSpace(ScoreColumnName);
        ArgumentException.ThrowIfNullOrWhiteSpace(ProbabilityColumnName);
        ArgumentException.ThrowIfNullOrWhiteSpace(PredictedLabelColumnName);
        Training.Validate();
        Setting.Defined(Pooling ?? Models.Pooling.LastToken, nameof(Pooling));
        Setting.Between(0, 0.95, LabelSmoothing, nameof(LabelSmoothing));
        Setting.Between(0, 0.95, Dropout ?? 0, nameof(Dropout));
        Setting.Between(0, 0.95, SubwordDropout, nameof(SubwordDropout));
        Setting.Between(0, 100, LanguageModelLossWeight, nameof(LanguageModelLossWeight));
        Setting.Between(0, 0.5, ValidationFraction, nameof(ValidationFraction));
        AdapterTraining.Validate(Lora, AdapterDirectory, LanguageModel, TrainableBlocks);
        if (Pooling is { } pooling && LanguageModel?.Network.Supports(pooling) == false)
        {
            throw new ArgumentException($"Pooling is {pooling}, for which the network of LanguageModel, a {LanguageModel.Network.GetName()}, has no layer.", nameof(Pooling));
        }

        if (LanguageModel is null)
        {
            Network.Validate();
            BytePairs.Validate();
        }

        var config = LanguageModel?.Config ?? Network;
        if (LanguageModelLossWeight > 0 && config is BertConfig)
        {
            throw new ArgumentException(
                "LanguageModelLossWeight must be 0 for a network that looks both ways: it would see the tokens that it is to predict.", nameof(LanguageModelLossWeight));
        }

        var fewest = !FrameTexts ? 1 : LanguageModel is { Tokenizer: { HasFrame: true, FrameLength: var length } } ? length + 1 : 3;
        if (MaximumTokens is { } tokens && (tokens < fewest || tokens > config.ContextLength))
        {
            throw new ArgumentOutOfRangeException(
                nameof(MaximumTokens), $"MaximumTokens must be between {fewest} and the context length {config.ContextLength}, but is {tokens}.");
        }

        if (TrainableBlocks is { } blocks && (blocks < 0 || blocks > config.LayerCount))
        {
            throw new ArgumentOutOfRangeException(
                nameof(TrainableBlocks), $"TrainableBlocks must be between 0 and the {config.LayerCount} blocks of the model, but is {blocks}.");
        }
    }
}
