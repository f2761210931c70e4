using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers;
using BinaryTrainers = Microsoft.ML.BinaryClassificationCatalog.BinaryClassificationTrainers;
using MulticlassTrainers = Microsoft.ML.MulticlassClassificationCatalog.MulticlassClassificationTrainers;

namespace Microsoft.ML;

/// <summary>Linear trainers.</summary>
public static class StandardTrainersCatalog
{
    public static AveragedPerceptronTrainer AveragedPerceptron(this BinaryTrainers catalog, string labelColumnName = "Label",
        string featureColumnName = "Features", IClassificationLoss lossFunction = null, float learningRate = 1f, bool decreaseLearningRate = false,
        float l2Regularization = 0f, int numberOfIterations = 10) => catalog.AveragedPerceptron(new AveragedPerceptronTrainer.Options
    {
        LabelColumnName = labelColumnName,
        FeatureColumnName = featureColumnName,
        LossFunction = lossFunction,
        LearningRate = learningRate,
        DecreaseLearningRate = decreaseLearningRate,
        L2Regularization = l2Regularization,
        NumberOfIterations = numberOfIterations,
    });

    public static AveragedPerceptronTrainer AveragedPerceptron(this BinaryTrainers catalog, AveragedPerceptronTrainer.Options options)
    {
        Contracts.CheckValue(null, catalog, nameof(catalog));
        Contracts.CheckValue(null, options, nameof(options));
        return new AveragedPerceptronTrainer(catalog.GetEnvironment(), options);
    }

    public static LbfgsLogisticRegressionBinaryTrainer LbfgsLogisticRegression(this BinaryTrainers catalog, string labelColumnName = "Label",
        string featureColumnName = "Features", string exampleWeightColumnName = null, float l1Regularization = 1f, float l2Regularization = 1f,
        float optimizationTolerance = 1e-7f, int historySize = 20, bool enforceNonNegativity = false) =>
        catalog.LbfgsLogisticRegression(new LbfgsLogisticRegressionBinaryTrainer.Options
        {
            LabelColumnName = labelColumnName,
            FeatureColumnName = featureColumnName,
            ExampleWeightColumnName = exampleWeightColumnName,
            L1Regularization = l1Regularization,
            L2Regularization = l2Regularization,
            OptimizationTolerance = optimizationTolerance,
            HistorySize = historySize,
            EnforceNonNegativity = enforceNonNegativity,
        });

    public static LbfgsLogisticRegressionBinaryTrainer LbfgsLogisticRegression(this BinaryTrainers catalog, LbfgsLogisticRegressionBinaryTrainer.Options options)
    {
        Contracts.CheckValue(null, catalog, nameof(catalog));
        Contracts.CheckValue(null, options, nameof(options));
        return new LbfgsLogisticRegressionBinaryTrainer(catalog.GetEnvironment(), options);
    }

    public static LbfgsMaximumEntropyMulticlassTrainer LbfgsMaximumEntropy(this MulticlassTrainers catalog, string labelColumnName = "Label",
        string featureColumnName = "Features", string exampleWeightColumnName = null, float l1Regularization = 1f, float l2Regularization = 1f,
        float optimizationTolerance = 1e-7f, int historySize = 20, bool enforceNonNegativity = false) =>
        catalog.LbfgsMaximumEntropy(new LbfgsMaximumEntropyMulticlassTrainer.Options
        {
            LabelColumnName = labelColumnName,
            FeatureColumnName = featureColumnName,
            ExampleWeightColumnName = exampleWeightColumnName,
            L1Regularization = l1Regularization,
            L2Regularization = l2Regularization,
            OptimizationTolerance = optimizationTolerance,
            HistorySize = historySize,
            EnforceNonNegativity = enforceNonNegativity,
        });

    public static LbfgsMaximumEntropyMulticlassTrainer LbfgsMaximumEntropy(this MulticlassTrainers catalog, LbfgsMaximumEntropyMulticlassTrainer.Options options)
    {
        Contracts.CheckValue(null, catalog, nameof(catalog));
        Contracts.CheckValue(null, options, nameof(options));
        return new LbfgsMaximumEntropyMulticlassTrainer(catalog.GetEnvironment(), options);
    }
}
