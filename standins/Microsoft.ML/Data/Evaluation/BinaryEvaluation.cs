using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>One pass over scored rows, and what follows from it. A score above 0 counts as predicted positive.</summary>
internal sealed class BinaryEvaluation
{
    // The precision-recall curve is drawn from a sample of this many rows at most.
    private const int CurveSampleSize = 100_000;

    private readonly List<(float Score, bool IsPositive)> _rows = [];
    private readonly double[][] _counts = [[0, 0], [0, 0]];
    private readonly Random _random;
    private double _lossSum;
    private double _lossPositives;
    private double _lossCount;

    public BinaryEvaluation(IHostEnvironment env, IDataView data, string label, string score, string probability, string predictedLabel)
    {
        IHost host = env.Register("BinaryClassifierEvaluator");
        _random = host.Rand;
        DataViewSchema schema = data.Schema;
        DataViewSchema.Column labelColumn = Labels.Find(schema, label, "Label");
        DataViewSchema.Column scoreColumn = Labels.Find(schema, score, "Score");
        DataViewSchema.Column? probabilityColumn = probability is null ? null : Labels.Find(schema, probability, "Probability");
        Labels.Find(schema, predictedLabel, "PredictedLabel");
        if (scoreColumn.Type != NumberDataViewType.Single)
            throw host.ExceptSchemaMismatch(nameof(schema), "score", score, "Single", scoreColumn.Type.ToString());
        DataViewType type = labelColumn.Type;
        if (type != NumberDataViewType.Single && type != NumberDataViewType.Double && type is not BooleanDataViewType && Labels.KeyCount(type) != 2)
            throw host.ExceptSchemaMismatch(nameof(schema), "label", label, "Single, Double, Boolean, or a Key with cardinality 2", type.ToString());
        if (probabilityColumn is { } found && found.Type != NumberDataViewType.Single)
            throw host.ExceptSchemaMismatch(nameof(schema), "probability", probability, "Single", found.Type.ToString());
        Read(data, labelColumn, scoreColumn, probabilityColumn);
        Confusion = new ConfusionMatrix(_counts, NamesOf(labelColumn), isBinary: true);
    }

    public ConfusionMatrix Confusion { get; }
    public double Accuracy => (_counts[0][0] + _counts[1][1]) / _counts.Sum(row => row.Sum());
    public double Entropy => EntropyOf(_counts[0].Sum() / _counts.Sum(row => row.Sum()));
    public double LogLoss => _lossCount > 0 ? _lossSum / _lossCount : double.IsNaN(_lossSum) ? double.NaN : 0;

    public double LogLossReduction
    {
        get
        {
            if (_lossCount == 0)
                return 0;
            double prior = EntropyOf(_lossPositives / _lossCount);
            return (prior - LogLoss) / prior;
        }
    }

    /// <summary>The chance that a positive row scores above a negative one; equal scores count half.</summary>
    public double AreaUnderRocCurve()
    {
        double positives = _rows.Count(row => row.IsPositive);
        double negatives = _rows.Count - positives;
        Contracts.CheckParam(null, positives > 0, "PosSample", "AUC is not defined when there is no positive class in the data");
        Contracts.CheckParam(null, negatives > 0, "NegSample", "AUC is not defined when there is no negative class in the data");
        double above = 0;
        double wins = 0;
        foreach (IGrouping<float, (float Score, bool IsPositive)> equal in _rows.GroupBy(row => row.Score).OrderByDescending(group => group.Key))
        {
            double positive = equal.Count(row => row.IsPositive);
            double negative = equal.Count() - positive;
            wins += negative * (above + positive / 2);
            above += positive;
        }
        return wins / (positives * negatives);
    }

    public double AreaUnderPrecisionRecallCurve()
    {
        (float Score, bool IsPositive)[] sample = [.. _rows];
        if (sample.Length > CurveSampleSize)
        {
            _random.Shuffle(sample);
            sample = sample[..CurveSampleSize];
        }
        double positives = sample.Count(row => row.IsPositive);
        double truePositives = 0;
        double seen = 0;
        double area = 0;
        double precisionBefore = 1;
        foreach ((_, bool isPositive) in sample.OrderByDescending(row => row.Score))
        {
            seen++;
            if (isPositive)
                truePositives++;
            double precision = truePositives / seen;
            if (isPositive)
                area += (precisionBefore + precision) / (2 * positives);
            precisionBefore = precision;
        }
        return area;
    }

    private void Read(IDataView data, DataViewSchema.Column labelColumn, DataViewSchema.Column scoreColumn, DataViewSchema.Column? probabilityColumn)
    {
        DataViewSchema.Column[] needed = probabilityColumn is { } column ? [labelColumn, scoreColumn, column] : [labelColumn, scoreColumn];
        using DataViewRowCursor cursor = data.GetRowCursor(needed);
        ValueGetter<float> getLabel = Labels.GetGetter(cursor, labelColumn);
        ValueGetter<float> getScore = cursor.GetGetter<float>(scoreColumn);
        ValueGetter<float> getProbability = probabilityColumn is { } given ? cursor.GetGetter<float>(given) : (ref float value) => value = float.NaN;
        float label = 0;
        float score = 0;
        float probability = 0;
        while (cursor.MoveNext())
        {
            getLabel(ref label);
            getScore(ref score);
            if (!float.IsFinite(score) || float.IsNaN(label))
                continue;
            getProbability(ref probability);
            bool isPositive = label > 0;
            _rows.Add((score, isPositive));
            _counts[isPositive ? 0 : 1][score > 0 ? 0 : 1]++;
            _lossSum += float.IsNaN(probability) ? double.NaN : -Math.Log(isPositive ? probability : 1.0 - probability, 2);
            if (float.IsNaN(probability))
                continue;
            _lossCount++;
            if (isPositive)
                _lossPositives++;
        }
    }

    private static string[] NamesOf(DataViewSchema.Column label)
    {
        if (label.Type is not KeyDataViewType || !label.HasKeyValues(TextDataViewType.Instance))
            return ["positive", "negative"];
        VBuffer<ReadOnlyMemory<char>> names = default;
        label.GetKeyValues(ref names);
        return names.DenseValues().Select(name => name.ToString()).ToArray();
    }

    private static double EntropyOf(double share) => Term(share) + Term(1 - share);

    private static double Term(double share) => share <= 0 ? 0 : -share * Math.Log2(share);
}
