using Microsoft.ML.Calibrators;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers;

[assembly: Microsoft.ML.LoadableClass(typeof(LinearBinaryModelParameters), null, typeof(Microsoft.ML.SignatureLoadModel),
    "Linear Binary Executor", LinearBinaryModelParameters.LoaderSignature)]
[assembly: Microsoft.ML.LoadableClass(typeof(CalibratedModel<LinearBinaryModelParameters, PlattCalibrator>), null, typeof(Microsoft.ML.SignatureLoadModel),
    "Calibrated Predictor Executor", CalibratedModel<LinearBinaryModelParameters, PlattCalibrator>.LoaderSignature)]

namespace Microsoft.ML.Trainers;

/// <summary>A weight for each feature, and a bias.</summary>
public abstract class LinearModelParameters : ModelParametersBase<float>, ICalculateFeatureContribution
{
    private readonly float[] _weights;

    private protected LinearModelParameters(float[] weights, float bias)
    {
        _weights = weights;
        Bias = bias;
    }

    private protected LinearModelParameters(ModelLoadContext ctx, VersionInfo version)
    {
        ctx.CheckAtModel(version);
        Bias = ctx.Reader.ReadSingle();
        _weights = ParameterFormat.Read(ctx.Reader);
    }

    public float Bias { get; protected set; }
    public IReadOnlyList<float> Weights => _weights;

    FeatureContributionCalculator ICalculateFeatureContribution.FeatureContributionCalculator => new();

    private protected void SaveParameters(ModelSaveContext ctx)
    {
        ctx.Writer.Write(Bias);
        ParameterFormat.Write(ctx.Writer, _weights);
    }

    private protected float ScoreOf(in VBuffer<float> features) => Bias + ParameterFormat.Dot(features, _weights);
}

public sealed class LinearBinaryModelParameters : LinearModelParameters, IBinaryModel
{
    internal const string LoaderSignature = "Linear2CExec";

    internal LinearBinaryModelParameters(float[] weights, float bias) : base(weights, bias)
    {
    }

    private LinearBinaryModelParameters(IHostEnvironment env, ModelLoadContext ctx) : base(ctx, GetVersionInfo())
    {
    }

    bool IBinaryModel.HasProbability => false;
    float IBinaryModel.Score(in VBuffer<float> features) => ScoreOf(features);
    float IBinaryModel.Probability(float score) => float.NaN;

    private protected override void SaveCore(ModelSaveContext ctx)
    {
        ctx.SetVersionInfo(GetVersionInfo());
        SaveParameters(ctx);
    }

    private static VersionInfo GetVersionInfo() =>
        new("WLIN2CLS", 0x00020002, 0x00020001, 0x00020002, typeof(LinearBinaryModelParameters).Assembly.FullName, LoaderSignature);
}

/// <summary>Weights in model files and in scores.</summary>
internal static class ParameterFormat
{
    public static void Write(BinaryWriter writer, float[] values)
    {
        writer.Write(values.Length);
        foreach (float value in values)
            writer.Write(value);
    }

    public static float[] Read(BinaryReader reader)
    {
        int count = reader.ReadInt32();
        Contracts.CheckDecode(null, count >= 0 && count <= (reader.BaseStream.Length - reader.BaseStream.Position) / sizeof(float));
        float[] values = new float[count];
        for (int i = 0; i < count; i++)
            values[i] = reader.ReadSingle();
        return values;
    }

    public static float Dot(in VBuffer<float> features, ReadOnlySpan<float> weights)
    {
        Contracts.Check(null, features.Length == weights.Length, $"Expected a vector of {weights.Length} features, got {features.Length}");
        ReadOnlySpan<float> values = features.GetValues();
        ReadOnlySpan<int> indices = features.GetIndices();
        float sum = 0;
        for (int i = 0; i < values.Length; i++)
            sum += values[i] * weights[features.IsDense ? i : indices[i]];
        return sum;
    }
}
