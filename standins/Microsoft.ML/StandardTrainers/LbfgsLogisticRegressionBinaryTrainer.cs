using Microsoft.ML.Calibrators;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Model = Microsoft.ML.Calibrators.CalibratedModelParametersBase<Microsoft.ML.Trainers.LinearBinaryModelParameters, Microsoft.ML.Calibrators.PlattCalibrator>;

namespace Microsoft.ML.Trainers;

/// <summary>Logistic regression: a linear model whose score is the logarithm of the odds.</summary>
public sealed class LbfgsLogisticRegressionBinaryTrainer
    : LbfgsTrainerBase<LbfgsLogisticRegressionBinaryTrainer.Options, BinaryPredictionTransformer<Model>, Model>
{
    internal LbfgsLogisticRegressionBinaryTrainer(IHostEnvironment env, Options options)
        : base(env.Register("LogisticRegression"), options, TrainerColumns.BooleanLabel(options.LabelColumnName))
    {
    }

    public sealed class Options : OptionsBase
    {
        public Options()
        {
        }
    }

    private protected override IEnumerable<SchemaShape.Column> GetOutputColumns(SchemaShape inputSchema) => TrainerColumns.BinaryOutputs(isCalibrated: true);

    private protected override BinaryPredictionTransformer<Model> Train(IDataView data)
    {
        using IChannel channel = Host.Start("Training");
        Examples examples = Read(data);
        double[] solution = Minimize(examples, examples.FeatureCount + 1, biasCount: 1, AddLoss);
        var linear = new LinearBinaryModelParameters(solution[1..].Select(weight => (float)weight).ToArray(), (float)solution[0]);
        var model = new CalibratedModel<LinearBinaryModelParameters, PlattCalibrator>(linear, new PlattCalibrator(-1, 0));
        return new BinaryPredictionTransformer<Model>(Host, model, data.Schema, FeatureColumn.Name);
    }

    private static double AddLoss(Example example, double[] point, double[] gradient)
    {
        double sign = example.Label > 0 ? 1 : -1;
        double margin = sign * (point[0] + example.Dot(point.AsSpan(1)));
        double slope = -example.Weight * sign / (1 + Math.Exp(margin));
        gradient[0] += slope;
        for (int i = 0; i < example.Values.Length; i++)
            gradient[1 + example.Indices[i]] += slope * example.Values[i];
        // log(1 + exp(-margin)) without overflow
        return example.Weight * (Math.Max(0, -margin) + Math.Log(1 + Math.Exp(-Math.Abs(margin))));
    }
}
