using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers;

[assembly: Microsoft.ML.LoadableClass(typeof(MaximumEntropyModelParameters), null, typeof(Microsoft.ML.SignatureLoadModel),
    "Multi-class LR Executor", MaximumEntropyModelParameters.LoaderSignature)]

namespace Microsoft.ML.Trainers;

/// <summary>A weight vector and a bias for each class.</summary>
public abstract class LinearMulticlassModelParametersBase : ModelParametersBase<VBuffer<float>>
{
    private protected LinearMulticlassModelParametersBase(float[][] weights, float[] biases)
    {
        ClassWeights = weights;
        Biases = biases;
    }

    private protected float[][] ClassWeights { get; }
    private protected float[] Biases { get; }

    public IEnumerable<float> GetBiases() => Biases;

    public void GetWeights(ref VBuffer<float>[] weights, out int numClasses)
    {
        numClasses = ClassWeights.Length;
        weights = ClassWeights.Select(values => new VBuffer<float>(values.Length, [.. values])).ToArray();
    }
}

/// <summary>A linear model whose scores are the softmax of its classes' sums.</summary>
public sealed class MaximumEntropyModelParameters : LinearMulticlassModelParametersBase, IMulticlassModel
{
    internal const string LoaderSignature = "MultiClassLRExec";

    internal MaximumEntropyModelParameters(float[][] weights, float[] biases) : base(weights, biases)
    {
    }

    int IMulticlassModel.ClassCount => Biases.Length;

    void IMulticlassModel.Score(in VBuffer<float> features, Span<float> scores)
    {
        for (int i = 0; i < scores.Length; i++)
            scores[i] = Biases[i] + ParameterFormat.Dot(features, ClassWeights[i]);
        Softmax(scores);
    }

    private static void Softmax(Span<float> scores)
    {
        float maximum = float.NegativeInfinity;
        foreach (float score in scores)
            maximum = Math.Max(maximum, score);
        double sum = 0;
        foreach (ref float score in scores)
        {
            score = (float)Math.Exp(score - maximum);
            sum += score;
        }
        foreach (ref float score in scores)
            score = (float)(score / sum);
    }

    private static MaximumEntropyModelParameters Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        ctx.CheckAtModel(GetVersionInfo());
        float[] biases = ParameterFormat.Read(ctx.Reader);
        return new MaximumEntropyModelParameters(biases.Select(_ => ParameterFormat.Read(ctx.Reader)).ToArray(), biases);
    }

    private protected override void SaveCore(ModelSaveContext ctx)
    {
        ctx.SetVersionInfo(GetVersionInfo());
        ParameterFormat.Write(ctx.Writer, Biases);
        foreach (float[] weights in ClassWeights)
            ParameterFormat.Write(ctx.Writer, weights);
    }

    private static VersionInfo GetVersionInfo() =>
        new("MULTI LR", 0x00010003, 0x00010001, 0x00010003, typeof(MaximumEntropyModelParameters).Assembly.FullName, LoaderSignature);
}
