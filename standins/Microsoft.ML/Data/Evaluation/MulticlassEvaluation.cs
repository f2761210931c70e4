using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>One pass over rows with a score for each class, and what follows from it.</summary>
internal sealed class MulticlassEvaluation
{
    private const float SmallestProbability = 1e-15f;

    private readonly double[][] _counts;
    private readonly double[] _rowsOfClass;
    private readonly double[] _lossOfClass;
    private readonly double[] _rowsWithRank;
    private double _rows;
    private double _loss;

    public MulticlassEvaluation(IHostEnvironment env, IDataView data, string label, string score, string predictedLabel)
    {
        IHost host = env.Register("MulticlassClassifierEvaluator");
        DataViewSchema schema = data.Schema;
        DataViewSchema.Column labelColumn = Labels.Find(schema, label, "Label");
        DataViewSchema.Column scoreColumn = Labels.Find(schema, score, "Score");
        Labels.Find(schema, predictedLabel, "PredictedLabel");
        if (scoreColumn.Type is not VectorDataViewType { Size: >= 2 } scoreType || scoreType.ItemType != NumberDataViewType.Single)
            throw host.ExceptSchemaMismatch(nameof(schema), "score", score, "vector of two or more items of type Single", scoreColumn.Type.ToString());
        if (labelColumn.Type != NumberDataViewType.Single && labelColumn.Type is not KeyDataViewType)
            throw host.ExceptSchemaMismatch(nameof(schema), "label", label, "Single or Key", labelColumn.Type.ToString());
        int classes = scoreType.Size;
        _counts = Enumerable.Range(0, classes).Select(_ => new double[classes]).ToArray();
        _rowsOfClass = new double[classes];
        _lossOfClass = new double[classes];
        _rowsWithRank = new double[classes + 1];
        Read(host, data, labelColumn, scoreColumn);
        Confusion = new ConfusionMatrix(_counts, NamesOf(scoreColumn, classes), isBinary: false);
    }

    public ConfusionMatrix Confusion { get; }
    public double MicroAccuracy => _rows > 0 ? _rowsWithRank[0] / _rows : 0;
    public double LogLoss => _rows > 0 ? _loss / _rows : 0;
    public double[] PerClassLogLoss => _lossOfClass.Zip(_rowsOfClass, (loss, rows) => rows > 0 ? loss / rows : 0).ToArray();

    public double MacroAccuracy => _rowsOfClass.Select((rows, i) => (rows, correct: _counts[i][i])).Where(item => item.rows > 0)
        .Select(item => item.correct / item.rows).DefaultIfEmpty(0).Average();

    public double LogLossReduction
    {
        get
        {
            double entropy = -_rowsOfClass.Where(rows => rows > 0).Sum(rows => rows * Math.Log(rows / _rows)) / _rows;
            return (entropy - LogLoss) / entropy;
        }
    }

    /// <summary>For k = 1, 2, ...: the share of rows whose true class is among the k with the highest scores.</summary>
    public double[] TopAccuracies(int count)
    {
        double sum = 0;
        return _rowsWithRank.Take(count).Select(rows => sum += rows / _rows).ToArray();
    }

    private void Read(IHost host, IDataView data, DataViewSchema.Column labelColumn, DataViewSchema.Column scoreColumn)
    {
        using DataViewRowCursor cursor = data.GetRowCursor([labelColumn, scoreColumn]);
        ValueGetter<float> getLabel = Labels.GetGetter(cursor, labelColumn);
        ValueGetter<VBuffer<float>> getScores = cursor.GetGetter<VBuffer<float>>(scoreColumn);
        float label = 0;
        VBuffer<float> buffer = default;
        float[] scores = new float[_counts.Length];
        while (cursor.MoveNext())
        {
            getLabel(ref label);
            if (float.IsNaN(label) || label < 0 || label != (int)label)
                continue;
            getScores(ref buffer);
            host.Check(buffer.Length == scores.Length);
            buffer.CopyTo(scores);
            if (scores.All(float.IsFinite))
                Add((int)label, scores);
        }
    }

    private void Add(int label, float[] scores)
    {
        bool isKnown = label < scores.Length;
        double loss = -Math.Log(isKnown ? Math.Clamp(scores[label], SmallestProbability, 1) : SmallestProbability);
        float correct = isKnown ? scores[label] : 0;
        // Of equal scores the first counts as the higher one.
        int rank = scores.Where((score, i) => score > correct || (score == correct && i < label)).Count();
        _rows++;
        _loss += loss;
        _rowsWithRank[rank]++;
        if (!isKnown)
            return;
        _rowsOfClass[label]++;
        _lossOfClass[label] += loss;
        _counts[label][Array.IndexOf(scores, scores.Max())]++;
    }

    private static string[] NamesOf(DataViewSchema.Column score, int classes)
    {
        if (!score.HasSlotNames())
            return Enumerable.Range(0, classes).Select(i => i.ToString()).ToArray();
        VBuffer<ReadOnlyMemory<char>> names = default;
        score.GetSlotNames(ref names);
        return names.DenseValues().Select(name => name.ToString()).ToArray();
    }
}
