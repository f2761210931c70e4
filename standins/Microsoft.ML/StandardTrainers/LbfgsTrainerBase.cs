using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Trainers;

/// <summary>Minimises the sum of the rows' losses, half the squared weights times L2, and the absolute weights times L1.</summary>
public abstract class LbfgsTrainerBase<TOptions, TTransformer, TModel> : TrainerEstimatorBase<TTransformer, TModel>
    where TOptions : LbfgsTrainerBase<TOptions, TTransformer, TModel>.OptionsBase, new()
    where TTransformer : ISingleFeaturePredictionTransformer<TModel>
    where TModel : class
{
    private readonly TOptions _options;

    private protected LbfgsTrainerBase(IHost host, TOptions options, SchemaShape.Column label)
        : base(host, TrainerColumns.Features(options.FeatureColumnName), label, TrainerColumns.Weight(options.ExampleWeightColumnName))
    {
        host.CheckUserArg(options.L2Regularization >= 0, nameof(options.L2Regularization), "Must be non-negative");
        host.CheckUserArg(options.L1Regularization >= 0, nameof(options.L1Regularization), "Must be non-negative");
        host.CheckUserArg(options.OptimizationTolerance > 0, nameof(options.OptimizationTolerance), "Must be positive");
        host.CheckUserArg(options.HistorySize > 0, nameof(options.HistorySize), "Must be positive");
        host.CheckUserArg(!options.EnforceNonNegativity, nameof(options.EnforceNonNegativity), "Weights of one sign are not supported here");
        _options = options;
    }

    public override TrainerInfo Info { get; } = new();

    private protected Examples Read(IDataView data) => new(Host, data, FeatureColumn.Name, LabelColumn.Name, WeightColumn.Name);

    /// <summary>Weights that come after <paramref name="biasCount"/> biases; <paramref name="addLoss"/> gives a row's loss and adds its gradient.</summary>
    private protected double[] Minimize(Examples examples, int variableCount, int biasCount, Func<Example, double[], double[], double> addLoss)
    {
        double total = examples.All.Sum(example => (double)example.Weight);
        double Objective(double[] point, double[] gradient)
        {
            double loss = 0;
            Array.Clear(gradient);
            foreach (Example example in examples.All)
                loss += addLoss(example, point, gradient);
            for (int i = biasCount; i < point.Length; i++)
            {
                loss += 0.5 * _options.L2Regularization * point[i] * point[i];
                gradient[i] += _options.L2Regularization * point[i];
            }
            for (int i = 0; i < gradient.Length; i++)
                gradient[i] /= total;
            return loss / total;
        }
        var minimizer = new LbfgsMinimizer(Host, _options.HistorySize, _options.OptimizationTolerance, _options.MaximumNumberOfIterations,
            _options.L1Regularization / total, biasCount);
        return minimizer.Minimize(new double[variableCount], Objective);
    }

    public abstract class OptionsBase : TrainerInputBaseWithWeight
    {
        protected OptionsBase()
        {
        }

        public float L2Regularization = 1;
        public float L1Regularization = 1;
        public float OptimizationTolerance = 1e-7f;
        public int HistorySize = 20;
        public int MaximumNumberOfIterations = int.MaxValue;
        public bool EnforceNonNegativity;
    }
}
