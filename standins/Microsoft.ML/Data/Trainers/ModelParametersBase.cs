using Microsoft.ML.Data;

namespace Microsoft.ML.Trainers;

/// <summary>What a trainer has learned.</summary>
public abstract class ModelParametersBase<TOutput> : ICanSaveModel
{
    private protected ModelParametersBase()
    {
    }

    private protected abstract void SaveCore(ModelSaveContext ctx);

    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
        ctx.CheckAtModel();
        SaveCore(ctx);
    }
}

public interface ICalculateFeatureContribution
{
    FeatureContributionCalculator FeatureContributionCalculator { get; }
}

/// <summary>Gives the contributions of features to a model's scores.</summary>
public sealed class FeatureContributionCalculator
{
    internal FeatureContributionCalculator()
    {
    }
}

/// <summary>A model with one score, and a probability where it is calibrated.</summary>
internal interface IBinaryModel
{
    bool HasProbability { get; }
    float Score(in VBuffer<float> features);
    float Probability(float score);
}

/// <summary>A model with a probability for each class.</summary>
internal interface IMulticlassModel
{
    int ClassCount { get; }
    void Score(in VBuffer<float> features, Span<float> scores);
}
