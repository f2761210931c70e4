using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNetLlm.Models;
using MLNetLlm.Transforms;

namespace MLNetLlm.Trainers;

/// <summary>What this library adds to <see cref="MLContext"/> that has no home of its own in ML.NET: <c>ml.LanguageModels</c>.</summary>
public sealed class LanguageModelsCatalog
{
    private readonly MLContext context;

    internal LanguageModelsCatalog(MLContext context)
    {
        this.context = context;
        Trainers = new LanguageModelTrainers(context);
    }

    /// <summary>Trainers of language models.</summary>
    public LanguageModelTrainers Trainers { get; }

    /// <summary>Loads a model of any family: from a directory, or by its name on the model hub, from which it is downloaded once.</summary>
    /// <param name="nameOrPath">
    /// A directory with <c>config.json</c>, safetensors weights and tokenizer files, or a name such as <c>openai-community/gpt2</c>.
    /// </param>
    /// <param name="precision">Number type of the matrix products.</param>
    /// <param name="device"><c>auto</c>, <c>cpu</c>, <c>cuda</c> or <c>cuda:1</c>; <see langword="null"/> follows <see cref="MLContext.GpuDeviceId"/>.</param>
    /// <returns>The model; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">The text is neither a directory nor a name, or a setting is out of range.</exception>
    /// <exception cref="HubException">The model could not be had from the hub; see <see cref="HubException.Failure"/>.</exception>
    /// <exception cref="IOException">A file is missing.</exception>
    /// <exception cref="InvalidDataException">A file is damaged or does not fit the others; the message names it.</exception>
    /// <exception cref="NotSupportedException">A file asks for something that is not supported; the message names it.</exception>
    public LanguageModel FromPretrained(string nameOrPath, Precision precision = Precision.Auto, string? device = null) =>
        FromPretrained(nameOrPath, new PretrainedOptions { Precision = precision, Device = device });

    /// <summary>Loads a model of any family with all settings.</summary>
    /// <inheritdoc cref="FromPretrained(string, Precision, string?)"/>
    /// <exception cref="OperationCanceledException">The download was cancelled.</exception>
    public LanguageModel FromPretrained(string nameOrPath, PretrainedOptions options)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(nameOrPath);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(options.Hub, nameof(PretrainedOptions.Hub));
        options.Hub.Validate();
        var host = ((IHostEnvironment)context).Register(nameof(FromPretrained));
        return new ModelSource(null, nameOrPath, options.Precision, options.Device).Load(host, options.Hub, options.Progress, options.CancellationToken);
    }

    /// <summary>Tells how well a language model predicts the texts of a column: loss, perplexity and bits per byte.</summary>
    /// <param name="data">Texts that the model was not trained on.</param>
    /// <param name="languageModel">A causal model; of a fitted transformer, its <see cref="Transforms.LanguageModelTransformer.LanguageModel"/>.</param>
    /// <param name="textColumnName">Text column to score.</param>
    /// <param name="stride">Tokens by which the window moves over long texts; <see langword="null"/> is half the context length.</param>
    /// <exception cref="ArgumentException">The column is missing or not text, a number is out of its range, or the model is not causal.</exception>
    /// <exception cref="InvalidOperationException">There is no text.</exception>
    public LanguageModelMetrics Evaluate(IDataView data, LanguageModel languageModel, string textColumnName = "Text", int? stride = null) =>
        Evaluate(data, languageModel, new EvaluationOptions { TextColumnName = textColumnName, Stride = stride });

    /// <summary>Tells how well a language model predicts the texts of a column, with all settings.</summary>
    /// <remarks>
    /// Each text is scored on its own, after the token that begins texts (else the one that ends them), so that every one of
    /// its tokens is predicted; without such a token in the tokenizer its first token is given. Memory does not grow with the
    /// number of rows.
    /// </remarks>
    /// <inheritdoc cref="Evaluate(IDataView, LanguageModel, string, int?)"/>
    public LanguageModelMetrics Evaluate(IDataView data, LanguageModel languageModel, EvaluationOptions options)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(languageModel);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var host = ((IHostEnvironment)context).Register(nameof(Evaluate));
        return new LanguageModelEvaluator(host, languageModel, options).Evaluate(data);
    }

    /// <summary>Tells how well an encoder finds out hidden tokens of the texts of a column.</summary>
    /// <param name="data">Texts that the model was not trained on.</param>
    /// <param name="languageModel">A model with a masked-token head, such as <c>MaskedPretraining</c> trains.</param>
    /// <param name="options">Column, and which tokens are hidden; <see langword="null"/> is the usual.</param>
    /// <exception cref="ArgumentException">The column is missing or not text, a setting is out of range, or the model finds out no hidden tokens.</exception>
    /// <exception cref="InvalidOperationException">There is no text.</exception>
    public MaskedLanguageModelMetrics EvaluateMasked(IDataView data, LanguageModel languageModel, MaskedEvaluationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(languageModel);
        options ??= new MaskedEvaluationOptions();
        options.Validate(languageModel);
        var host = ((IHostEnvironment)context).Register(nameof(EvaluateMasked));
        return new MaskedLanguageModelEvaluator(host, languageModel, options).Evaluate(data);
    }

    /// <summary>Has a tuned model answer instructions whose responses are known, and compares.</summary>
    /// <param name="data">Rows with the columns that the model was trained on, which it has not seen.</param>
    /// <param name="model">The tuned model; of a chain, its transformer.</param>
    /// <param name="outputColumnName">Text column with the references; not looked at where the model reads conversations, which hold them.</param>
    /// <exception cref="ArgumentOutOfRangeException">A text column is missing or not text.</exception>
    /// <exception cref="InvalidOperationException">There are no rows, or rows lack an instruction or a response, or all are longer than the context.</exception>
    /// <exception cref="FormatException">A conversation is malformed; the message names its row.</exception>
    public InstructionMetrics EvaluateInstructions(IDataView data, InstructionTransformer model, string outputColumnName = "Output")
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(data);
        return InstructionEvaluation.Evaluate(context, model, data, outputColumnName);
    }
}

/// <summary>Trainers of language models.</summary>
public sealed class LanguageModelTrainers
{
    private readonly MLContext context;

    internal LanguageModelTrainers(MLContext context) => this.context = context;

    /// <summary>Pretrains a decoder language model on a text column by predicting each next token.</summary>
    /// <param name="textColumnName">Text column to learn from.</param>
    /// <param name="network">Shape of the network; <see langword="null"/> is <see cref="GptConfig.Mini"/>.</param>
    /// <param name="vocabularySize">Entries of the byte-pair vocabulary learned from the column.</param>
    /// <param name="epochs">Passes over the text.</param>
    /// <param name="learningRate">Peak learning rate.</param>
    public PretrainingEstimator Pretraining(
        string textColumnName = "Text",
        TransformerConfig? network = null,
        int vocabularySize = 1024,
        int epochs = 4,
        double learningRate = 1e-3) => Pretraining(new PretrainingOptions
        {
            TextColumnName = textColumnName,
            Network = network ?? GptConfig.Mini,
            BytePairs = new BytePairOptions { VocabularySize = vocabularySize },
            Training = new TrainingOptions { Epochs = epochs, LearningRate = learningRate },
        });

    /// <summary>Pretrains a decoder language model with all settings.</summary>
    public PretrainingEstimator Pretraining(PretrainingOptions options) => new(context, options);

    /// <summary>Pretrains an encoder on a text column by hiding tokens that it is to find out (BERT).</summary>
    /// <param name="textColumnName">Text column to learn from.</param>
    /// <param name="network">Shape of the network; <see langword="null"/> is <see cref="BertConfig.Mini"/>.</param>
    /// <param name="vocabularySize">Entries of the byte-pair vocabulary learned from the column.</param>
    /// <param name="epochs">Passes over the text; other tokens are hidden in each.</param>
    /// <param name="learningRate">Peak learning rate.</param>
    public MaskedPretrainingEstimator MaskedPretraining(
        string textColumnName = "Text",
        BertConfig? network = null,
        int vocabularySize = 2048,
        int epochs = 8,
        double learningRate = 1e-3) => MaskedPretraining(new MaskedPretrainingOptions
        {
            TextColumnName = textColumnName,
            Network = network ?? BertConfig.Mini,
            BytePairs = BytePairOptions.Bert with { VocabularySize = vocabularySize },
            Training = new TrainingOptions { Epochs = epochs, LearningRate = learningRate },
        });

    /// <summary>Pretrains an encoder by hiding tokens with all settings.</summary>
    public MaskedPretrainingEstimator MaskedPretraining(MaskedPretrainingOptions options) => new(context, options);

    /// <summary>Tunes a pretrained language model to answer instructions.</summary>
    /// <param name="languageModel">The pretrained model; it is copied, not changed.</param>
    /// <param name="template">How instructions are written for the model; <see langword="null"/> is <see cref="ChatTemplate.Alpaca"/>.</param>
    /// <param name="instructionColumnName">Text column with the instructions.</param>
    /// <param name="inputColumnName">Text column with what an instruction is about; <see langword="null"/> if there is none.</param>
    /// <param name="outputColumnName">Text column with the responses to learn.</param>
    /// <param name="epochs">Passes over the data.</param>
    /// <param name="learningRate">Peak learning rate.</param>
    public InstructionTuningEstimator InstructionTuning(
        LanguageModel languageModel,
        ChatTemplate? template = null,
        string instructionColumnName = "Instruction",
        string? inputColumnName = null,
        string outputColumnName = "Output",
        int epochs = 4,
        double learningRate = 1e-3) => InstructionTuning(new InstructionTuningOptions
        {
            LanguageModel = languageModel,
            Template = template ?? ChatTemplate.Alpaca,
            InstructionColumnName = instructionColumnName,
            InputColumnName = inputColumnName,
            OutputColumnName = outputColumnName,
            Training = new TrainingOptions { Epochs = epochs, LearningRate = learningRate },
        });

    /// <summary>Tunes a pretrained language model to answer instructions, or to take its turns in conversations, with all settings.</summary>
    public InstructionTuningEstimator InstructionTuning(InstructionTuningOptions options) => new(context, options);
}
