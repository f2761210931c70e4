using Microsoft.ML.Data;
using MLNetLlm.Models;

namespace MLNetLlm.Transforms;

internal sealed class TextClassificationMapper : ITextMapper
{
    private readonly SharedModel<TextClassificationModel> model;
    private readonly TextClassificationSettings settings;

    public TextClassificationMapper(SharedModel<TextClassificationModel> model, TextClassificationSettings settings)
    {
        this.model = model;
        this.settings = settings;
        IReadOnlyList<string> labels = model.Value.Labels;
        if (settings.Binary && labels.Count != 2)
            throw new ArgumentException($"A binary classifier has 2 labels, but the model has {labels.Count}.", nameof(model));
        MaximumTokens = model.Value.MaximumTextTokens;
        model.Value.Network.eval();
        Outputs = settings.Binary ? BinaryOutputs(settings.Columns) : MulticlassOutputs(settings.Columns, labels);
    }

    public string InputColumn => settings.Columns.Text;
    public IReadOnlyList<OutputColumn> Outputs { get; }
    public int RowsAhead => 1024;
    public int? MaximumTokens { get; }
    public TransformerModel? Network => model.Value.Network.Backbone;

    public IDisposable Hold() => model.Hold();

    public Array?[] Map(IReadOnlyList<string> texts, IReadOnlyList<bool> active, TruncationReport truncation)
    {
        TextClassificationModel classifier = model.Value;
        float[][] logits = classifier.Score(TokenRows.Encode(texts, classifier, truncation));
        return settings.Binary ? BinaryColumns(logits) : MulticlassColumns(logits);
    }

    private static OutputColumn[] BinaryOutputs(TextClassificationColumns columns) =>
    [
        new(columns.Score, NumberDataViewType.Single, ScoreAnnotations.Score(ScoreAnnotations.Binary)),
        new(columns.Probability, NumberDataViewType.Single, ScoreAnnotations.Probability(ScoreAnnotations.Binary)),
        new(columns.PredictedLabel, BooleanDataViewType.Instance, ScoreAnnotations.PredictedLabel(ScoreAnnotations.Binary)),
    ];

    private static OutputColumn[] MulticlassOutputs(TextClassificationColumns columns, IReadOnlyList<string> labels) =>
    [
        new(columns.Score, new VectorDataViewType(NumberDataViewType.Single, labels.Count), ScoreAnnotations.Score(ScoreAnnotations.Multiclass, labels)),
        new(columns.PredictedLabel, new KeyDataViewType(typeof(uint), labels.Count), ScoreAnnotations.PredictedLabel(ScoreAnnotations.Multiclass, labels)),
    ];

    // Softmax over two logits is the logistic function of their difference.
    private static Array?[] BinaryColumns(float[][] logits)
    {
        float[] scores = Array.ConvertAll(logits, row => row[1] - row[0]);
        return [scores, Array.ConvertAll(scores, score => 1 / (1 + MathF.Exp(-score))), Array.ConvertAll(scores, score => score > 0)];
    }

    private static Array?[] MulticlassColumns(float[][] logits) =>
    [
        Array.ConvertAll(logits, row => new VBuffer<float>(row.Length, Softmax(row))),
        // Keys start at 1; 0 is the missing key.
        Array.ConvertAll(logits, row => (uint)(Array.IndexOf(row, row.Max()) + 1)),
    ];

    private static float[] Softmax(float[] logits)
    {
        float highest = logits.Max();
        float[] powers = Array.ConvertAll(logits, logit => MathF.Exp(logit - highest));
        float sum = powers.Sum();
        return Array.ConvertAll(powers, power => power / sum);
    }
}
