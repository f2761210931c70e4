using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms;
using Column = Microsoft.ML.SchemaShape.Column;

namespace Microsoft.ML.Trainers;

public interface ITrainerEstimator<out TTransformer, out TModel> : IEstimator<TTransformer>
    where TTransformer : IPredictionTransformer<TModel>
    where TModel : class
{
    TrainerInfo Info { get; }
}

public abstract class TrainerInputBase
{
    private protected TrainerInputBase()
    {
    }

    public string FeatureColumnName = "Features";
}

public abstract class TrainerInputBaseWithLabel : TrainerInputBase
{
    private protected TrainerInputBaseWithLabel()
    {
    }

    public string LabelColumnName = "Label";
}

public abstract class TrainerInputBaseWithWeight : TrainerInputBaseWithLabel
{
    private protected TrainerInputBaseWithWeight()
    {
    }

    public string ExampleWeightColumnName;
}

/// <summary>Learns a model from a feature vector and a label.</summary>
public abstract class TrainerEstimatorBase<TTransformer, TModel> : ITrainerEstimator<TTransformer, TModel>
    where TTransformer : ISingleFeaturePredictionTransformer<TModel>
    where TModel : class
{
    private protected readonly IHost Host;

    public readonly Column FeatureColumn;
    public readonly Column LabelColumn;
    public readonly Column WeightColumn;

    private protected TrainerEstimatorBase(IHost host, Column feature, Column label, Column weight)
    {
        Contracts.CheckValue(null, host, nameof(host));
        Host = host;
        FeatureColumn = feature;
        LabelColumn = label;
        WeightColumn = weight;
    }

    public abstract TrainerInfo Info { get; }

    public TTransformer Fit(IDataView input)
    {
        Host.CheckValue(input, nameof(input));
        CheckInputSchema(SchemaShape.Create(input.Schema));
        return Train(input);
    }

    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        Host.CheckValue(inputSchema, nameof(inputSchema));
        CheckInputSchema(inputSchema);
        return inputSchema.With(GetOutputColumns(inputSchema));
    }

    private protected abstract TTransformer Train(IDataView data);

    private protected abstract IEnumerable<Column> GetOutputColumns(SchemaShape inputSchema);

    private void CheckInputSchema(SchemaShape inputSchema)
    {
        Check(inputSchema, nameof(inputSchema), "feature", FeatureColumn);
        if (WeightColumn.Name is not null)
            Check(inputSchema, nameof(inputSchema), "weight", WeightColumn);
        Check(inputSchema, "labelCol", "label", LabelColumn);
    }

    private void Check(SchemaShape schema, string parameter, string role, Column expected)
    {
        if (!schema.TryFindColumn(expected.Name, out Column found))
            throw Host.ExceptSchemaMismatch("inputSchema", role, expected.Name);
        if (!expected.IsCompatibleWith(found))
            throw Host.ExceptSchemaMismatch(parameter, role, expected.Name, expected.GetTypeString(), found.GetTypeString());
    }
}
