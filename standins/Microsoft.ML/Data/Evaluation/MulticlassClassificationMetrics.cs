namespace Microsoft.ML.Data;

/// <summary>How well score vectors, taken as probabilities, tell classes apart. Losses are in nats per row.</summary>
public sealed class MulticlassClassificationMetrics
{
    internal MulticlassClassificationMetrics(MulticlassEvaluation evaluation, int topKPredictionCount)
    {
        LogLoss = evaluation.LogLoss;
        LogLossReduction = evaluation.LogLossReduction;
        MacroAccuracy = evaluation.MacroAccuracy;
        MicroAccuracy = evaluation.MicroAccuracy;
        PerClassLogLoss = evaluation.PerClassLogLoss;
        ConfusionMatrix = evaluation.Confusion;
        TopKPredictionCount = topKPredictionCount;
        if (topKPredictionCount == 0)
            return;
        TopKAccuracyForAllK = evaluation.TopAccuracies(topKPredictionCount);
        TopKAccuracy = TopKAccuracyForAllK[^1];
    }

    public double LogLoss { get; }
    public double LogLossReduction { get; }
    public double MacroAccuracy { get; }
    public double MicroAccuracy { get; }
    public double TopKAccuracy { get; }
    public int TopKPredictionCount { get; }
    public IReadOnlyList<double> TopKAccuracyForAllK { get; }
    public IReadOnlyList<double> PerClassLogLoss { get; }
    public ConfusionMatrix ConfusionMatrix { get; }
}
