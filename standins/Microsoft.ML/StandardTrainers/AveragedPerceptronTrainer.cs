using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Trainers;

public abstract class OnlineLinearOptions : TrainerInputBaseWithLabel
{
    protected OnlineLinearOptions()
    {
    }

    public int NumberOfIterations = 1;
    public float InitialWeightsDiameter;
    public bool Shuffle = true;
}

public abstract class AveragedLinearOptions : OnlineLinearOptions
{
    protected AveragedLinearOptions()
    {
    }

    public float LearningRate = 1;
    public bool DecreaseLearningRate;
    public float L2Regularization;
    public bool Averaged = true;
}

public abstract class OnlineLinearTrainer<TTransformer, TModel> : TrainerEstimatorBase<TTransformer, TModel>
    where TTransformer : ISingleFeaturePredictionTransformer<TModel>
    where TModel : class
{
    private protected OnlineLinearTrainer(IHost host, OnlineLinearOptions options, SchemaShape.Column label)
        : base(host, TrainerColumns.Features(options.FeatureColumnName), label, default)
    {
        host.CheckUserArg(options.NumberOfIterations > 0, nameof(options.NumberOfIterations), "must be positive");
        host.CheckUserArg(options.InitialWeightsDiameter >= 0, nameof(options.InitialWeightsDiameter), "must be non-negative");
    }

    public override TrainerInfo Info { get; } = new();
}

public abstract class AveragedLinearTrainer<TTransformer, TModel> : OnlineLinearTrainer<TTransformer, TModel>
    where TTransformer : ISingleFeaturePredictionTransformer<TModel>
    where TModel : class
{
    private protected AveragedLinearTrainer(IHost host, AveragedLinearOptions options, SchemaShape.Column label) : base(host, options, label)
    {
        host.CheckUserArg(options.LearningRate > 0, nameof(options.LearningRate), "must be positive");
        host.CheckUserArg(options.L2Regularization is >= 0 and < 0.5f, nameof(options.L2Regularization), "must be in range [0, 0.5)");
    }
}

/// <summary>Goes over the rows several times, corrects the weights at each mistake, and takes the average of all weights on the way.</summary>
public sealed class AveragedPerceptronTrainer : AveragedLinearTrainer<BinaryPredictionTransformer<LinearBinaryModelParameters>, LinearBinaryModelParameters>
{
    private readonly Options _options;

    internal AveragedPerceptronTrainer(IHostEnvironment env, Options options)
        : base(env.Register("Averaged Perceptron"), options, TrainerColumns.BooleanLabel(options.LabelColumnName)) => _options = options;

    public sealed class Options : AveragedLinearOptions
    {
        public Options() => NumberOfIterations = 10;

        public IClassificationLoss LossFunction { get; set; }
    }

    private protected override IEnumerable<SchemaShape.Column> GetOutputColumns(SchemaShape inputSchema) => TrainerColumns.BinaryOutputs(isCalibrated: false);

    private protected override BinaryPredictionTransformer<LinearBinaryModelParameters> Train(IDataView data)
    {
        using IChannel channel = Host.Start("Training");
        var examples = new Examples(Host, data, FeatureColumn.Name, LabelColumn.Name, null);
        var state = new AveragedWeights(examples.FeatureCount);
        if (_options.InitialWeightsDiameter > 0)
            state.Randomize(Host.Rand, _options.InitialWeightsDiameter);
        IClassificationLoss loss = _options.LossFunction ?? new HingeLoss();
        Example[] order = [.. examples.All];
        for (int iteration = 0; iteration < _options.NumberOfIterations; iteration++)
        {
            Host.CheckAlive();
            if (_options.Shuffle && data.CanShuffle)
                Host.Rand.Shuffle(order);
            foreach (Example example in order)
                Learn(state, example, loss);
            channel.Info(MessageSensitivity.None, "Finished training iteration {0}; iterated over {1} examples.", iteration + 1, order.Length);
        }
        (float[] weights, float bias) = _options.Averaged ? state.Average() : state.Current();
        channel.Check(float.IsFinite(bias) && weights.All(float.IsFinite), "The weights/bias contain invalid values (NaN or Infinite). " +
            "Potential causes: high learning rates, no normalization, high initial weights, etc.");
        return new BinaryPredictionTransformer<LinearBinaryModelParameters>(Host, new LinearBinaryModelParameters(weights, bias), data.Schema, FeatureColumn.Name);
    }

    private void Learn(AveragedWeights state, in Example example, IClassificationLoss loss)
    {
        float output = (float)state.Score(example);
        if (loss.Loss(output, example.Label) != 0 || _options.L2Regularization > 0)
        {
            double rate = _options.DecreaseLearningRate ? _options.LearningRate / Math.Sqrt(state.Steps + 1) : _options.LearningRate;
            state.Add(example, -rate * loss.Derivative(output, example.Label), 1 - 2 * _options.L2Regularization);
        }
        state.Steps++;
    }
}
