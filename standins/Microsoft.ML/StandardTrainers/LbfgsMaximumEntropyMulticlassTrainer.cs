using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Trainers;

/// <summary>Multinomial logistic regression: class probabilities are the softmax of linear scores.</summary>
public sealed class LbfgsMaximumEntropyMulticlassTrainer : LbfgsTrainerBase<LbfgsMaximumEntropyMulticlassTrainer.Options,
    MulticlassPredictionTransformer<MaximumEntropyModelParameters>, MaximumEntropyModelParameters>
{
    internal LbfgsMaximumEntropyMulticlassTrainer(IHostEnvironment env, Options options)
        : base(env.Register("MulticlassLogisticRegression"), options, TrainerColumns.KeyLabel(options.LabelColumnName))
    {
    }

    public sealed class Options : OptionsBase
    {
        public Options()
        {
        }
    }

    private protected override IEnumerable<SchemaShape.Column> GetOutputColumns(SchemaShape inputSchema) =>
        TrainerColumns.MulticlassOutputs(inputSchema.First(column => column.Name == LabelColumn.Name));

    private protected override MulticlassPredictionTransformer<MaximumEntropyModelParameters> Train(IDataView data)
    {
        using IChannel channel = Host.Start("Training");
        Examples examples = Read(data);
        int classes = checked((int)Labels.KeyCount(data.Schema[LabelColumn.Name].Type));
        int features = examples.FeatureCount;
        double[] solution = Minimize(examples, classes * (features + 1), classes, (example, point, gradient) => AddLoss(classes, features, example, point, gradient));
        float[] all = solution.Select(value => (float)value).ToArray();
        var model = new MaximumEntropyModelParameters(all[classes..].Chunk(features).ToArray(), all[..classes]);
        return new MulticlassPredictionTransformer<MaximumEntropyModelParameters>(Host, model, data.Schema, FeatureColumn.Name, LabelColumn.Name);
    }

    private static double AddLoss(int classes, int features, Example example, double[] point, double[] gradient)
    {
        Span<double> scores = new double[classes];
        for (int c = 0; c < classes; c++)
            scores[c] = point[c] + example.Dot(point.AsSpan(classes + c * features, features));
        double maximum = double.NegativeInfinity;
        foreach (double score in scores)
            maximum = Math.Max(maximum, score);
        double sum = 0;
        foreach (double score in scores)
            sum += Math.Exp(score - maximum);
        for (int c = 0; c < classes; c++)
        {
            double slope = example.Weight * (Math.Exp(scores[c] - maximum) / sum - (c == (int)example.Label ? 1 : 0));
            gradient[c] += slope;
            for (int i = 0; i < example.Values.Length; i++)
                gradient[classes + c * features + example.Indices[i]] += slope * example.Values[i];
        }
        return example.Weight * (maximum + Math.Log(sum) - scores[(int)example.Label]);
    }
}
