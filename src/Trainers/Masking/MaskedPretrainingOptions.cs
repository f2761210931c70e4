using Microsoft.ML;
using MLNetLlm.Models;

namespace MLNetLlm.Trainers;

/// <summary>Settings of <see cref="MaskedPretrainingEstimator"/>.</summary>
public sealed record MaskedPretrainingOptions
{
    /// <summary>Text column to learn from.</summary>
    public string TextColumnName { get; init; } = "Text";

    /// <summary>Output column with a vector of each text.</summary>
    [MayDifferOnResume]
    public string FeaturesColumnName { get; init; } = "Features";

    /// <summary>
    /// Shape of the network, trained from random weights. Its vocabulary size is replaced by the tokenizer's, rounded up to a
    /// multiple of 64, which matrix products like best.
    /// </summary>
    public BertConfig Network { get; init; } = BertConfig.Mini;

    /// <summary>A model to train further instead of starting from random weights; it is copied, not changed.</summary>
    public LanguageModel? LanguageModel { get; init; }

    /// <summary>A tokenizer to use; without one, and without <see cref="LanguageModel"/>, byte-pair encoding is learned from the text column.</summary>
    public TextTokenizer? Tokenizer { get; init; }

    /// <summary>How the tokenizer is learned where none is given; it must have a token <c>[MASK]</c> and one between texts, <c>[SEP]</c>.</summary>
    public BytePairOptions BytePairs { get; init; } = BytePairOptions.Bert with { VocabularySize = 2048 };

    /// <summary>Which tokens are hidden.</summary>
    public MaskingOptions Masking { get; init; } = new();

    /// <summary>Most tokens of a row, what frames it counted; <see langword="null"/> is the context length. Short texts are learned faster from short rows.</summary>
    public int? MaximumTokens { get; init; }

    /// <summary>
    /// How texts become rows; a text longer than a row is cut into several, so that none of it is lost. Texts that share a row
    /// are parted by the separator and see each other, as in RoBERTa (Liu et al. 2019, section 4.2).
    /// </summary>
    public TextPacking Packing { get; init; } = TextPacking.Separate;

    /// <summary>How the texts are kept as token ids.</summary>
    public TokenCacheOptions TokenCache { get; init; } = new();

    /// <summary>Share of the rows held out to measure the validation loss, where no <see cref="ValidationSet"/> is given; 0 to 0.5.</summary>
    public double ValidationFraction { get; init; } = 0.05;

    /// <summary>Rows to measure the validation loss on; the same tokens of them are hidden in every validation.</summary>
    public IDataView? ValidationSet { get; init; }

    /// <summary>Most tokens that a validation looks at, in rows chosen at random once; at least 1.</summary>
    public int ValidationTokens { get; init; } = 1_000_000;

    /// <summary>How the hidden states of a text's tokens become its vector.</summary>
    [MayDifferOnResume]
    public Pooling Pooling { get; init; } = Pooling.Mean;

    /// <summary>
    /// Low-rank adapters (Hu et al. 2021) that learn in place of the weights of <see cref="LanguageModel"/>, and are merged into
    /// them at the end; <see langword="null"/> trains the weights themselves.
    /// </summary>
    public LoraOptions? Lora { get; init; }

    /// <summary>Where the adapters go, in the public PEFT layout, before they are merged; <see langword="null"/> keeps no file of them.</summary>
    [MayDifferOnResume]
    public string? AdapterDirectory { get; init; }

    /// <summary>How the training runs.</summary>
    public TrainingOptions Training { get; init; } = new();

    /// <summary>Checks every setting.</summary>
    /// <exception cref="ArgumentException">A setting is out of its range or contradicts another; the message names it.</exception>
    public void Validate()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(TextColumnName);
        ArgumentException.ThrowIfNullOrWhiteSpace(FeaturesColumnName);
        Training.Validate();
        Masking.Validate();
        TokenCache.Validate();
        Setting.Defined(Packing, nameof(Packing));
        Setting.Defined(Pooling, nameof(Pooling));
        Setting.Between(0, 0.5, ValidationFraction, nameof(ValidationFraction));
        Setting.AtLeast(1, ValidationTokens, nameof(ValidationTokens));
        AdapterTraining.Validate(Lora, AdapterDirectory, LanguageModel);
        if (LanguageModel is not null && Tokenizer is not null)
        {
            throw new ArgumentException("Give either LanguageModel, which has a tokenizer of its own, or Tokenizer, not both.", nameof(Tokenizer));
        }

        ValidateNetwork();
        if ((LanguageModel?.Tokenizer ?? Tokenizer) is { } tokenizer)
        {
            RequireMarks(tokenizer, tokenizer == Tokenizer ? nameof(Tokenizer) : nameof(LanguageModel));
        }
        else
        {
            BytePairs.Validate();
        }
    }

    /// <summary>Checks what only the tokenizer tells.</summary>
    internal void RequireMarks(TextTokenizer tokenizer, string setting)
    {
        if (tokenizer.MaskId is null || TextBoundary.Of(tokenizer) is null)
        {
            throw new ArgumentException(
                $"Masked pretraining needs a token that hides others, [MASK], and one between texts, [SEP]; the special tokens of {setting} are: "
                + $"{string.Join(", ", tokenizer.SpecialTokens.Keys)}.", setting);
        }

        var (context, fewest) = ((LanguageModel?.Config ?? Network).ContextLength, tokenizer.FrameLength + 2);
        if ((MaximumTokens ?? context) < fewest || MaximumTokens > context)
        {
            throw new ArgumentOutOfRangeException(
                nameof(MaximumTokens), $"MaximumTokens must be between {fewest} and the context length {context}, but is {MaximumTokens ?? context}.");
        }
    }

    private void ValidateNetwork()
    {
        if (LanguageModel is { Config: not BertConfig { HasMaskedTokenHead: true } } other)
        {
            throw new ArgumentException(
                $"Masked pretraining needs a network that looks both ways and has a masked-token head, as BERT has; LanguageModel is a "
                + $"{other.Network.GetName()}{(other.Network.IsCausal ? "" : " without that head")}.", nameof(LanguageModel));
        }

        if (LanguageModel is null)
        {
            Network.Validate();
        }

        if (LanguageModel is null && !Network.HasMaskedTokenHead)
        {
            throw new ArgumentException("Network.HasMaskedTokenHead must be true: hidden tokens are predicted by that head.", nameof(Network));
        }

        if (Pooling == Pooling.Pooler && !((LanguageModel?.Config as BertConfig) ?? Network).HasPooler)
        {
            throw new ArgumentException("The network has no layer for the pooling Pooler.", nameof(Pooling));
        }
    }
}
