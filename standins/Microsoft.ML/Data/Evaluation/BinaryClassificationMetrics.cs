namespace Microsoft.ML.Data;

/// <summary>How well scores tell positive from negative rows.</summary>
public class BinaryClassificationMetrics
{
    internal BinaryClassificationMetrics(BinaryEvaluation evaluation)
    {
        ConfusionMatrix = evaluation.Confusion;
        Accuracy = evaluation.Accuracy;
        AreaUnderRocCurve = evaluation.AreaUnderRocCurve();
        AreaUnderPrecisionRecallCurve = evaluation.AreaUnderPrecisionRecallCurve();
        double sum = PositivePrecision + PositiveRecall;
        F1Score = sum == 0 ? 0 : 2 * PositivePrecision * PositiveRecall / sum;
    }

    public double AreaUnderRocCurve { get; }
    public double Accuracy { get; }
    public double PositivePrecision => ConfusionMatrix.PerClassPrecision[0];
    public double PositiveRecall => ConfusionMatrix.PerClassRecall[0];
    public double NegativePrecision => ConfusionMatrix.PerClassPrecision[1];
    public double NegativeRecall => ConfusionMatrix.PerClassRecall[1];
    public double F1Score { get; }
    public double AreaUnderPrecisionRecallCurve { get; }
    public ConfusionMatrix ConfusionMatrix { get; }
}

/// <summary>And how good the probabilities are, in bits per row.</summary>
public sealed class CalibratedBinaryClassificationMetrics : BinaryClassificationMetrics
{
    internal CalibratedBinaryClassificationMetrics(BinaryEvaluation evaluation) : base(evaluation)
    {
        LogLoss = evaluation.LogLoss;
        LogLossReduction = evaluation.LogLossReduction;
        Entropy = evaluation.Entropy;
    }

    public double LogLoss { get; }
    public double LogLossReduction { get; }
    public double Entropy { get; }
}
