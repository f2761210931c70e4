using Microsoft.ML.Data;

namespace Microsoft.ML;

public interface ICanSaveModel
{
    void Save(ModelSaveContext ctx);
}

public interface IDataLoader<in TSource> : ICanSaveModel
{
    DataViewSchema GetOutputSchema();
    IDataView Load(TSource input);
}

public interface IDataLoaderEstimator<in TSource, out TLoader> where TLoader : IDataLoader<TSource>
{
    SchemaShape GetOutputSchema();
    TLoader Fit(TSource input);
}

public interface ITransformer : ICanSaveModel
{
    bool IsRowToRowMapper { get; }
    DataViewSchema GetOutputSchema(DataViewSchema inputSchema);
    IDataView Transform(IDataView input);
    IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema);
}

public interface IEstimator<out TTransformer> where TTransformer : ITransformer
{
    SchemaShape GetOutputSchema(SchemaShape inputSchema);
    TTransformer Fit(IDataView input);
}

public sealed class TrainerInfo
{
    public bool NeedNormalization { get; }
    public bool WantCaching { get; }

    internal TrainerInfo(bool normalization = true, bool caching = true)
    {
        NeedNormalization = normalization;
        WantCaching = caching;
    }
}
