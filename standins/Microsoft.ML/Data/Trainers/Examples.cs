using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Trainers;

/// <summary>A feature vector, stored sparsely, with its label and weight.</summary>
internal readonly record struct Example(int[] Indices, float[] Values, float Label, float Weight)
{
    public double Dot(ReadOnlySpan<double> weights)
    {
        double sum = 0;
        for (int i = 0; i < Values.Length; i++)
            sum += Values[i] * weights[Indices[i]];
        return sum;
    }
}

/// <summary>Training data in memory. Rows with missing features or label are left out.</summary>
internal sealed class Examples
{
    public const string NoneMessage = "No valid training instances found, all instances have missing features.";

    public Examples(IHost host, IDataView data, string features, string label, string weight)
    {
        DataViewSchema.Column featureColumn = data.Schema[features];
        DataViewSchema.Column labelColumn = data.Schema[label];
        DataViewSchema.Column? weightColumn = weight is null ? null : data.Schema[weight];
        FeatureCount = ((VectorDataViewType)featureColumn.Type).Size;
        host.Check(FeatureCount > 0, "Cannot train with zero features!");
        using DataViewRowCursor cursor = data.GetRowCursor(weightColumn is { } column ? [featureColumn, labelColumn, column] : [featureColumn, labelColumn]);
        ValueGetter<VBuffer<float>> getFeatures = cursor.GetGetter<VBuffer<float>>(featureColumn);
        ValueGetter<float> getLabel = Labels.GetGetter(cursor, labelColumn);
        ValueGetter<float> getWeight = weightColumn is { } given ? cursor.GetGetter<float>(given) : (ref float value) => value = 1;
        VBuffer<float> buffer = default;
        float target = 0;
        float importance = 1;
        while (cursor.MoveNext())
        {
            host.CheckAlive();
            getFeatures(ref buffer);
            getLabel(ref target);
            getWeight(ref importance);
            KeyValuePair<int, float>[] items = buffer.Items().Where(item => item.Value != 0).ToArray();
            if (!float.IsNaN(target) && float.IsFinite(importance) && items.All(item => float.IsFinite(item.Value)))
                All.Add(new Example(items.Select(item => item.Key).ToArray(), items.Select(item => item.Value).ToArray(), target, importance));
        }
        host.Check(All.Count > 0, NoneMessage);
    }

    public int FeatureCount { get; }
    public List<Example> All { get; } = [];
}
