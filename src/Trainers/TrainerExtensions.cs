using Microsoft.ML;
using MLNetLlm.Models;
using MLNetLlm.Transforms;

namespace MLNetLlm.Trainers;

/// <summary>The trainers, on the catalogs of ML.NET.</summary>
public static class TrainerExtensions
{
    extension(MLContext context)
    {
        /// <summary>Pretraining, loading and evaluating language models.</summary>
        public LanguageModelsCatalog LanguageModels => new(context);
    }

    /// <summary>Fine-tunes a language model to tell two classes of texts apart.</summary>
    /// <param name="catalog">The binary classification trainers.</param>
    /// <param name="languageModel">The pretrained model; it is copied, not changed. <see langword="null"/> starts from random weights.</param>
    /// <param name="labelColumnName">Boolean label column.</param>
    /// <param name="textColumnName">Text column.</param>
    /// <param name="epochs">Passes over the data.</param>
    /// <param name="learningRate">Peak learning rate.</param>
    /// <param name="validationSet">Rows to choose the best epoch on; <see langword="null"/> holds a tenth of the rows out.</param>
    public static TextClassificationEstimator TextClassification(
        this BinaryClassificationCatalog.BinaryClassificationTrainers catalog,
        LanguageModel? languageModel = null,
        string labelColumnName = "Label",
        string textColumnName = "Text",
        int epochs = 4,
        double learningRate = 1e-3,
        IDataView? validationSet = null) =>
        catalog.TextClassification(Options(languageModel, labelColumnName, textColumnName, epochs, learningRate, validationSet));

    /// <summary>Fine-tunes a language model to tell two classes of texts apart, with all settings.</summary>
    public static TextClassificationEstimator TextClassification(
        this BinaryClassificationCatalog.BinaryClassificationTrainers catalog, TextClassificationOptions options) =>
        new(MLEnvironment.Of(catalog), options, binary: true);

    /// <summary>Fine-tunes a language model to tell several classes of texts apart.</summary>
    /// <param name="catalog">The multiclass classification trainers.</param>
    /// <param name="languageModel">The pretrained model; it is copied, not changed. <see langword="null"/> starts from random weights.</param>
    /// <param name="labelColumnName">Label column, a key: append <c>MapValueToKey</c> before.</param>
    /// <param name="textColumnName">Text column.</param>
    /// <param name="epochs">Passes over the data.</param>
    /// <param name="learningRate">Peak learning rate.</param>
    /// <param name="validationSet">Rows to choose the best epoch on; <see langword="null"/> holds a tenth of the rows out.</param>
    public static TextClassificationEstimator TextClassification(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog,
        LanguageModel? languageModel = null,
        string labelColumnName = "Label",
        string textColumnName = "Text",
        int epochs = 4,
        double learningRate = 1e-3,
        IDataView? validationSet = null) =>
        catalog.TextClassification(Options(languageModel, labelColumnName, textColumnName, epochs, learningRate, validationSet));

    /// <summary>Fine-tunes a language model to tell several classes of texts apart, with all settings.</summary>
    public static TextClassificationEstimator TextClassification(
        this MulticlassClassificationCatalog.MulticlassClassificationTrainers catalog, TextClassificationOptions options) =>
        new(MLEnvironment.Of(catalog), options, binary: false);

    private static TextClassificationOptions Options(
        LanguageModel? languageModel, string labelColumnName, string textColumnName, int epochs, double learningRate, IDataView? validationSet) => new()
        {
            LanguageModel = languageModel,
            LabelColumnName = labelColumnName,
            TextColumnName = textColumnName,
            ValidationSet = validationSet,
            Training = new TrainingOptions { Epochs = epochs, LearningRate = learningRate },
        };
}
