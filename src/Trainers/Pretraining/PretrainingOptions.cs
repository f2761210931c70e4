using Microsoft.ML;
using MLNetLlm.Models;

namespace MLNetLlm.Trainers;

/// <summary>Settings of <see cref="PretrainingEstimator"/>.</summary>
public sealed record PretrainingOptions
{
    /// <summary>Text column to learn from.</summary>
    public string TextColumnName { get; init; } = "Text";

    /// <summary>Output column with the model's continuation of the text.</summary>
    [MayDifferOnResume]
    public string ContinuationColumnName { get; init; } = "Continuation";

    /// <summary>Output column with the log-likelihood of the text, in nats.</summary>
    [MayDifferOnResume]
    public string LogLikelihoodColumnName { get; init; } = "LogLikelihood";

    /// <summary>Output column with the perplexity of the text.</summary>
    [MayDifferOnResume]
    public string PerplexityColumnName { get; init; } = "Perplexity";

    /// <summary>
    /// Shape of the network, trained from random weights. Its vocabulary size is replaced by the tokenizer's, rounded up to a
    /// multiple of 64, which matrix products like best.
    /// </summary>
    public TransformerConfig Network { get; init; } = GptConfig.Mini;

    /// <summary>A model to train further instead of starting from random weights; it is copied, not changed.</summary>
    public LanguageModel? LanguageModel { get; init; }

    /// <summary>A tokenizer to use; without one, and without <see cref="LanguageModel"/>, byte-pair encoding is learned from the text column.</summary>
    public TextTokenizer? Tokenizer { get; init; }

    /// <summary>How the tokenizer is learned where none is given.</summary>
    public BytePairOptions BytePairs { get; init; } = new();

    /// <summary>Tokens in a training window, at most the context length, which is what <see langword="null"/> means. Short texts are learned faster from short windows.</summary>
    public int? WindowLength { get; init; }

    /// <summary>Tokens between the starts of two windows; <see langword="null"/> is the window length less one: every token is predicted once an epoch.</summary>
    public int? Stride { get; init; }

    /// <summary>How texts of different lengths become windows.</summary>
    public TextPacking Packing { get; init; } = TextPacking.Stream;

    /// <summary>How the texts are kept as token ids.</summary>
    public TokenCacheOptions TokenCache { get; init; } = new();

    /// <summary>
    /// Probability that a merge is skipped while splitting training texts (BPE dropout, Provilkov et al. 2020); 0 to below 1.
    /// Texts are split anew each epoch then and stay in memory: not for corpora above <see cref="TokenCacheOptions.MemoryLimit"/>.
    /// </summary>
    public double SubwordDropout { get; init; }

    /// <summary>Share of the rows held out to measure the validation loss, where no <see cref="ValidationSet"/> is given; 0 to 0.5.</summary>
    public double ValidationFraction { get; init; } = 0.05;

    /// <summary>Rows to measure the validation loss on.</summary>
    public IDataView? ValidationSet { get; init; }

    /// <summary>Most tokens that a validation looks at, in windows chosen at random once; at least 1.</summary>
    public int ValidationTokens { get; init; } = 1_000_000;

    /// <summary>
    /// Low-rank adapters (Hu et al. 2021) that learn in place of the weights of <see cref="LanguageModel"/>, and are merged into
    /// them at the end; <see langword="null"/> trains the weights themselves.
    /// </summary>
    public LoraOptions? Lora { get; init; }

    /// <summary>Where the adapters go, in the public PEFT layout, before they are merged; <see langword="null"/> keeps no file of them.</summary>
    [MayDifferOnResume]
    public string? AdapterDirectory { get; init; }

    /// <summary>Texts that the model writes every so many steps while it is trained; <see langword="null"/> for none.</summary>
    [MayDifferOnResume]
    public SampleOptions? Samples { get; init; }

    /// <summary>How the continuation column is generated; of a text longer than the context the end counts.</summary>
    [MayDifferOnResume]
    public GenerationOptions Generation { get; init; } = new();

    /// <summary>How the training runs.</summary>
    public TrainingOptions Training { get; init; } = new();

    /// <summary>Checks every setting.</summary>
    /// <exception cref="ArgumentException">A setting is out of its range; the message names it.</exception>
    public void Validate()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(TextColumnName);
        ArgumentException.ThrowIfNullOrWhiteSpace(ContinuationColumnName);
        ArgumentException.ThrowIfNullOrWhiteSpace(LogLikelihoodColumnName);
        ArgumentException.ThrowIfNullOrWhiteSpace(PerplexityColumnName);
        Training.Validate();
        Generation.Validate();
        Setting.Between(0, 0.95, SubwordDropout, nameof(SubwordDropout));
        Setting.Between(0, 0.5, ValidationFraction, nameof(ValidationFraction));
        Setting.AtLeast(1, ValidationTokens, nameof(ValidationTokens));
        TokenCache.Validate();
        AdapterTraining.Validate(Lora, AdapterDirectory, LanguageModel);
        Samples?.Validate();
        ValidatePacking();
        if (LanguageModel is not null && Tokenizer is not null)
        {
            throw new ArgumentException("Give either LanguageModel, which has a tokenizer of its own, or Tokenizer, not both.", nameof(Tokenizer));
        }

        if (LanguageModel is { Network.IsCausal: false })
        {
            throw new ArgumentException(
                "Pretraining predicts each next token, for which LanguageModel must be causal; this one looks both ways.", nameof(LanguageModel));
        }

        var contextLength = LanguageModel?.Config.ContextLength ?? Network.ContextLength;
        if (LanguageModel is null)
        {
            Network.Validate();
            if (Tokenizer is null)
            {
                BytePairs.Validate();
            }
        }

        var windowLength = WindowLength ?? contextLength;
        if (windowLength < 2 || windowLength > contextLength)
        {
            throw new ArgumentOutOfRangeException(
                nameof(WindowLength), $"WindowLength must be between 2 and the context length {contextLength}, but is {windowLength}.");
        }

        if (Stride is { } stride && (stride < 1 || stride >= windowLength))
        {
            throw new ArgumentOutOfRangeException(
                nameof(Stride), $"Stride must be between 1 and {windowLength - 1}, one less than the window length, but is {stride}.");
        }
    }

    private void ValidatePacking()
    {
        if (!Enum.IsDefined(Packing))
        {
            throw new ArgumentOutOfRangeException(nameof(Packing), $"Packing must be Stream, WholeTexts or Separate, but is {(int)Packing}.");
        }

        if (SubwordDropout > 0 && TokenCache.Storage == TokenStorage.Disk)
        {
            throw new ArgumentException(
                "SubwordDropout splits the texts anew each epoch, which token ids on disk cannot be: set it to 0, or TokenCache.Storage to Auto or Memory.",
                nameof(SubwordDropout));
        }

        var tokenizer = LanguageModel?.Tokenizer ?? Tokenizer;
        if (Packing != TextPacking.Stream && tokenizer is { EndOfTextId: null })
        {
            throw new ArgumentException(
                $"Packing is {Packing}, which needs a tokenizer with an end-of-text token to tell where texts end; this one has none.", nameof(Packing));
        }
    }
}
