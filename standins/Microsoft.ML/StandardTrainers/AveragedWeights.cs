namespace Microsoft.ML.Trainers;

/// <summary>
/// Weights with the average of all their values over the steps. The current weights are scale * weights; each change is also
/// added to a sum, weighted with the step at which it came, so that an update costs no more than the features of its row.
/// </summary>
internal sealed class AveragedWeights(int featureCount)
{
    private readonly double[] _weights = new double[featureCount];
    private readonly double[] _corrections = new double[featureCount];
    private double _scale = 1;
    private double _scaleSum;
    private double _bias;
    private double _biasSum;
    private long _steps;

    /// <summary>The number of finished steps; setting it to the next number ends one.</summary>
    public long Steps
    {
        get => _steps;
        set
        {
            _steps = value;
            _scaleSum += _scale;
            _biasSum += _bias;
        }
    }

    public double Score(in Example example) => _scale * example.Dot(_weights) + _bias;

    public void Randomize(Random random, float diameter)
    {
        for (int i = 0; i < _weights.Length; i++)
            _weights[i] = diameter * (random.NextSingle() - 0.5);
        _bias = diameter * (random.NextSingle() - 0.5);
    }

    public void Add(in Example example, double step, double decay)
    {
        // sum over steps of scale * weights = scaleSum * weights - corrections
        for (int i = 0; i < example.Values.Length; i++)
        {
            double change = step * example.Values[i] / _scale;
            _weights[example.Indices[i]] += change;
            _corrections[example.Indices[i]] += change * _scaleSum;
        }
        _bias += step;
        _scale *= decay;
    }

    public (float[] Weights, float Bias) Average() =>
        (_weights.Select((weight, i) => (float)((weight * _scaleSum - _corrections[i]) / _steps)).ToArray(), (float)(_biasSum / _steps));

    public (float[] Weights, float Bias) Current() => (_weights.Select(weight => (float)(weight * _scale)).ToArray(), (float)_bias);
}
