using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers;

[assembly: Microsoft.ML.LoadableClass(typeof(Microsoft.ML.Calibrators.PlattCalibrator), null, typeof(Microsoft.ML.SignatureLoadModel),
    "Platt Calibration", Microsoft.ML.Calibrators.PlattCalibrator.LoaderSignature)]

namespace Microsoft.ML.Calibrators;

public interface ICalibrator
{
    float PredictProbability(float output);
}

/// <summary>1 / (1 + exp(slope * score + offset)).</summary>
public sealed class PlattCalibrator : ICalibrator, ICanSaveModel
{
    internal const string LoaderSignature = "PlattCaliExec";

    internal PlattCalibrator(double slope, double offset)
    {
        Slope = slope;
        Offset = offset;
    }

    private PlattCalibrator(IHostEnvironment env, ModelLoadContext ctx)
    {
        ctx.CheckAtModel(GetVersionInfo());
        Slope = ctx.Reader.ReadDouble();
        Offset = ctx.Reader.ReadDouble();
    }

    public double Slope { get; }
    public double Offset { get; }

    public float PredictProbability(float output) => (float)(1 / (1 + Math.Exp(Slope * output + Offset)));

    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
        ctx.CheckAtModel();
        ctx.SetVersionInfo(GetVersionInfo());
        ctx.Writer.Write(Slope);
        ctx.Writer.Write(Offset);
    }

    private static VersionInfo GetVersionInfo() =>
        new("PLATTCAL", 0x00010002, 0x00010002, 0x00010002, typeof(PlattCalibrator).Assembly.FullName, LoaderSignature);
}

/// <summary>A model with the calibrator that makes probabilities of its scores.</summary>
public abstract class CalibratedModelParametersBase
{
    private protected CalibratedModelParametersBase(object subModel, ICalibrator calibrator)
    {
        SubModel = subModel;
        Calibrator = calibrator;
    }

    public object SubModel { get; }
    public ICalibrator Calibrator { get; }
}

public abstract class CalibratedModelParametersBase<TSubModel, TCalibrator> : CalibratedModelParametersBase
    where TSubModel : class
    where TCalibrator : class, ICalibrator
{
    private protected CalibratedModelParametersBase(TSubModel subModel, TCalibrator calibrator) : base(subModel, calibrator)
    {
        SubModel = subModel;
        Calibrator = calibrator;
    }

    public new TSubModel SubModel { get; }
    public new TCalibrator Calibrator { get; }
}

internal sealed class CalibratedModel<TSubModel, TCalibrator> : CalibratedModelParametersBase<TSubModel, TCalibrator>, ICanSaveModel, IBinaryModel
    where TSubModel : class
    where TCalibrator : class, ICalibrator
{
    public const string LoaderSignature = "CaliPredExec";
    private const string ModelDirectory = "Predictor";
    private const string CalibratorDirectory = "Calibrator";

    public CalibratedModel(TSubModel subModel, TCalibrator calibrator) : base(subModel, calibrator)
    {
    }

    private CalibratedModel(IHostEnvironment env, ModelLoadContext ctx) : this(Load<TSubModel>(env, ctx, ModelDirectory), Load<TCalibrator>(env, ctx, CalibratorDirectory))
    {
    }

    bool IBinaryModel.HasProbability => true;
    float IBinaryModel.Score(in VBuffer<float> features) => ((IBinaryModel)SubModel).Score(features);
    float IBinaryModel.Probability(float score) => Calibrator.PredictProbability(score);

    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
        ctx.CheckAtModel();
        ctx.SetVersionInfo(GetVersionInfo());
        ctx.SaveModel(SubModel, ModelDirectory);
        ctx.SaveModel(Calibrator, CalibratorDirectory);
    }

    private static T Load<T>(IHostEnvironment env, ModelLoadContext ctx, string directory) where T : class
    {
        ctx.CheckAtModel(GetVersionInfo());
        ctx.LoadModel<T, SignatureLoadModel>(env, out T part, directory);
        return part;
    }

    private static VersionInfo GetVersionInfo() =>
        new("CALIPRED", 0x00010002, 0x00010002, 0x00010002, typeof(TSubModel).Assembly.FullName, LoaderSignature);
}
