using Microsoft.ML;
using MLNetLlm.Models;

namespace MLNetLlm.Transforms;

/// <summary>Adds language model transforms to <c>ml.Transforms.Text</c>.</summary>
public static class TextCatalogExtensions
{
    /// <summary>Splits text into token ids by byte-level byte-pair encoding, learned from the column when the pipeline is fitted.</summary>
    /// <param name="catalog"><c>ml.Transforms.Text</c>.</param>
    /// <param name="outputColumnName">Output column: vector of Int32 of variable length.</param>
    /// <param name="inputColumnName">Text column.</param>
    /// <param name="vocabularySize">Size of the vocabulary to learn: at least 256 bytes and the special tokens.</param>
    /// <exception cref="ArgumentException">A name is empty or the vocabulary is too small.</exception>
    public static TokenizingEstimator TokenizeIntoIds(this TransformsCatalog.TextTransforms catalog,
        string outputColumnName = "Tokens", string inputColumnName = "Text", int vocabularySize = 4096) =>
        TokenizeIntoIds(catalog, new TokenizingOptions
        {
            OutputColumnName = outputColumnName,
            InputColumnName = inputColumnName,
            BytePairs = new BytePairOptions { VocabularySize = vocabularySize },
        });

    /// <summary>Splits text into token ids with a tokenizer that is there already.</summary>
    /// <param name="catalog"><c>ml.Transforms.Text</c>.</param>
    /// <param name="outputColumnName">Output column: vector of Int32 of variable length.</param>
    /// <param name="inputColumnName">Text column.</param>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <exception cref="ArgumentException">A name is empty.</exception>
    public static TokenizingEstimator TokenizeIntoIds(this TransformsCatalog.TextTransforms catalog,
        string outputColumnName, string inputColumnName, TextTokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        return TokenizeIntoIds(catalog, new TokenizingOptions { OutputColumnName = outputColumnName, InputColumnName = inputColumnName, Tokenizer = tokenizer });
    }

    /// <summary>Splits text into token ids.</summary>
    /// <param name="catalog"><c>ml.Transforms.Text</c>.</param>
    /// <param name="options">All settings.</param>
    /// <exception cref="ArgumentException">A setting is out of its range.</exception>
    public static TokenizingEstimator TokenizeIntoIds(this TransformsCatalog.TextTransforms catalog, TokenizingOptions options) =>
        new(MLEnvironment.Of(catalog), options);

    /// <summary>Turns text into vectors, pooled from a language model's hidden states.</summary>
    /// <param name="catalog"><c>ml.Transforms.Text</c>.</param>
    /// <param name="outputColumnName">Output column: vector of Single of the model's width.</param>
    /// <param name="inputColumnName">Text column.</param>
    /// <param name="languageModel">The model; it stays the caller's.</param>
    /// <param name="pooling">How the hidden states of a text's tokens become one vector.</param>
    /// <exception cref="ArgumentException">A name is empty.</exception>
    public static EmbeddingEstimator EmbedText(this TransformsCatalog.TextTransforms catalog,
        string outputColumnName, string inputColumnName, LanguageModel languageModel, Pooling pooling = Pooling.Mean)
    {
        ArgumentNullException.ThrowIfNull(languageModel);
        return EmbedText(catalog, new EmbeddingOptions
        {
            OutputColumnName = outputColumnName,
            InputColumnName = inputColumnName,
            LanguageModel = languageModel,
            Pooling = pooling,
        });
    }

    /// <summary>Turns text into vectors with a language model that is loaded from a checkpoint.</summary>
    /// <param name="catalog"><c>ml.Transforms.Text</c>.</param>
    /// <param name="outputColumnName">Output column: vector of Single of the model's width.</param>
    /// <param name="inputColumnName">Text column.</param>
    /// <param name="checkpoint">A directory with <c>config.json</c>, weights and tokenizer, or a name on the model hub.</param>
    /// <param name="pooling">How the hidden states of a text's tokens become one vector.</param>
    /// <exception cref="ArgumentException">A name is empty, or the checkpoint is neither a directory nor a name.</exception>
    public static EmbeddingEstimator EmbedText(this TransformsCatalog.TextTransforms catalog,
        string outputColumnName, string inputColumnName, string checkpoint, Pooling pooling = Pooling.Mean)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(checkpoint);
        return EmbedText(catalog, new EmbeddingOptions
        {
            OutputColumnName = outputColumnName,
            InputColumnName = inputColumnName,
            Checkpoint = checkpoint,
            Pooling = pooling,
        });
    }

    /// <summary>Turns text into vectors.</summary>
    /// <param name="catalog"><c>ml.Transforms.Text</c>.</param>
    /// <param name="options">All settings.</param>
    /// <exception cref="ArgumentException">A setting is out of its range.</exception>
    public static EmbeddingEstimator EmbedText(this TransformsCatalog.TextTransforms catalog, EmbeddingOptions options) =>
        new(MLEnvironment.Of(catalog), options);

    /// <summary>Tells how likely a causal language model finds texts: columns <c>LogLikelihood</c>, <c>Perplexity</c> and <c>PredictedTokens</c>.</summary>
    /// <param name="catalog"><c>ml.Transforms.Text</c>.</param>
    /// <param name="languageModel">The model; it stays the caller's.</param>
    /// <param name="inputColumnName">Text column.</param>
    /// <exception cref="ArgumentException">A name is empty or the model is not causal.</exception>
    public static ScoringEstimator ScoreText(this TransformsCatalog.TextTransforms catalog, LanguageModel languageModel, string inputColumnName = "Text")
    {
        ArgumentNullException.ThrowIfNull(languageModel);
        return ScoreText(catalog, new ScoringOptions { InputColumnName = inputColumnName, LanguageModel = languageModel });
    }

    /// <summary>Tells how likely a causal language model finds texts.</summary>
    /// <param name="catalog"><c>ml.Transforms.Text</c>.</param>
    /// <param name="options">All settings.</param>
    /// <exception cref="ArgumentException">A setting is out of its range.</exception>
    public static ScoringEstimator ScoreText(this TransformsCatalog.TextTransforms catalog, ScoringOptions options) =>
        new(MLEnvironment.Of(catalog), options);

    /// <summary>Has a causal language model continue, or answer, prompts: columns <c>GeneratedText</c>, <c>FinishReason</c>, <c>PromptTokens</c> and <c>GeneratedTokens</c>.</summary>
    /// <param name="catalog"><c>ml.Transforms.Text</c>.</param>
    /// <param name="languageModel">The model; it stays the caller's.</param>
    /// <param name="inputColumnName">Text column with the prompts.</param>
    /// <param name="generation">How text is written; <see langword="null"/> is the default of <see cref="TextGenerationOptions.Generation"/>.</param>
    /// <param name="template">How the model was taught to see instructions, where prompts are to be answered; <see langword="null"/> continues them.</param>
    /// <exception cref="ArgumentException">A name is empty, an option is out of range, the model is not causal, or the template does not fit it.</exception>
    public static TextGenerationEstimator GenerateText(this TransformsCatalog.TextTransforms catalog,
        LanguageModel languageModel, string inputColumnName = "Prompt", GenerationOptions? generation = null, ChatTemplate? template = null)
    {
        ArgumentNullException.ThrowIfNull(languageModel);
        var options = new TextGenerationOptions { InputColumnName = inputColumnName, LanguageModel = languageModel, Template = template };
        return GenerateText(catalog, generation is null ? options : options with { Generation = generation });
    }

    /// <summary>Has a causal language model continue, or answer, prompts.</summary>
    /// <param name="catalog"><c>ml.Transforms.Text</c>.</param>
    /// <param name="options">All settings.</param>
    /// <exception cref="ArgumentException">A setting is out of its range.</exception>
    public static TextGenerationEstimator GenerateText(this TransformsCatalog.TextTransforms catalog, TextGenerationOptions options) =>
        new(MLEnvironment.Of(catalog), options);
}
