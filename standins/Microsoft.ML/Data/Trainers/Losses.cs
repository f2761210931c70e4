namespace Microsoft.ML.Trainers;

public interface ILossFunction<in TOutput, in TLabel>
{
    double Loss(TOutput output, TLabel label);
}

public interface IScalarLoss : ILossFunction<float, float>
{
    float Derivative(float output, float label);
}

/// <summary>A loss of a score, where labels above 0 are positive.</summary>
public interface IClassificationLoss : IScalarLoss
{
}

public interface ISupportSdcaLoss : IScalarLoss
{
    float ComputeDualUpdateInvariant(float scaledFeaturesNormSquared);
    float DualUpdate(float output, float label, float dual, float invariant, int maxNumThreads);
    double DualLoss(float label, float dual);
}

public interface ISupportSdcaClassificationLoss : ISupportSdcaLoss, IClassificationLoss
{
}

/// <summary>max(0, margin - score), with the sign of the label.</summary>
public sealed class HingeLoss : ISupportSdcaClassificationLoss
{
    private readonly float _margin;

    public HingeLoss(float margin = 1f) => _margin = margin;

    public double Loss(float output, float label) => Math.Max(0, _margin - (label > 0 ? output : -output));

    public float Derivative(float output, float label)
    {
        float sign = label > 0 ? 1 : -1;
        return _margin > sign * output ? -sign : 0;
    }

    public float ComputeDualUpdateInvariant(float scaledFeaturesNormSquared) => 1 / Math.Max(1, scaledFeaturesNormSquared);

    public float DualUpdate(float output, float label, float alpha, float invariant, int maxNumThreads)
    {
        float sign = label > 0 ? 1 : -1;
        float target = (_margin - sign * output) * invariant + sign * alpha;
        return sign * Math.Clamp(target, 0, 1) - alpha;
    }

    public double DualLoss(float label, float dual) => (label > 0 ? dual : -dual) is var value and >= 0 and <= 1 ? _margin * value : double.NegativeInfinity;
}
