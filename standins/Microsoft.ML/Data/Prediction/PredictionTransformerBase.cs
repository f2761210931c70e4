using Microsoft.ML.Runtime;

namespace Microsoft.ML
{
    public interface IPredictionTransformer<out TModel> : ITransformer where TModel : class
    {
        TModel Model { get; }
    }

    public interface ISingleFeaturePredictionTransformer<out TModel> : IPredictionTransformer<TModel> where TModel : class
    {
        string FeatureColumnName { get; }
        Data.DataViewType FeatureColumnType { get; }
    }
}

namespace Microsoft.ML.Data
{
    /// <summary>Applies a model to rows.</summary>
    public abstract class PredictionTransformerBase<TModel> : IPredictionTransformer<TModel>, IDisposable where TModel : class
    {
        private const string ModelDirectory = "Model";
        private const string SchemaStream = "TrainSchema";

        private protected readonly IHost Host;
        private protected readonly DataViewSchema TrainSchema;
        private bool _disposed;

        private protected PredictionTransformerBase(IHost host, TModel model, DataViewSchema trainSchema)
        {
            Host = host;
            Model = model;
            TrainSchema = trainSchema;
        }

        private protected PredictionTransformerBase(IHost host, ModelLoadContext ctx)
        {
            Host = host;
            ctx.LoadModel<TModel, SignatureLoadModel>(host, out TModel model, ModelDirectory);
            Model = model;
            DataViewSchema schema = null;
            ctx.TryLoadBinaryStream(SchemaStream, reader => schema = SchemaFormat.Read(host, reader));
            host.CheckDecode(schema is not null, "Missing schema of training data");
            TrainSchema = schema;
        }

        public TModel Model { get; }

        bool ITransformer.IsRowToRowMapper => true;

        public abstract DataViewSchema GetOutputSchema(DataViewSchema inputSchema);

        public IDataView Transform(IDataView input)
        {
            Host.CheckValue(input, nameof(input));
            return new MappedView(input, Map(input.Schema));
        }

        IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema)
        {
            Host.CheckValue(inputSchema, nameof(inputSchema));
            return Map(inputSchema);
        }

        private protected abstract RowMapping Map(DataViewSchema inputSchema);

        private protected abstract void SaveCore(ModelSaveContext ctx);

        void ICanSaveModel.Save(ModelSaveContext ctx)
        {
            ctx.CheckAtModel();
            SaveCore(ctx);
            ctx.SaveModel(Model, ModelDirectory);
            ctx.SaveBinaryStream(SchemaStream, writer => SchemaFormat.Write(writer, TrainSchema));
        }

        public void Dispose()
        {
            if (_disposed)
                return;
            (Model as IDisposable)?.Dispose();
            _disposed = true;
        }
    }

    /// <summary>Applies a model to one feature column.</summary>
    public abstract class SingleFeaturePredictionTransformerBase<TModel> : PredictionTransformerBase<TModel>, ISingleFeaturePredictionTransformer<TModel>
        where TModel : class
    {
        private protected SingleFeaturePredictionTransformerBase(IHost host, TModel model, DataViewSchema trainSchema, string featureColumn)
            : base(host, model, trainSchema)
        {
            FeatureColumnName = featureColumn;
            FeatureColumnType = trainSchema.Require(host, nameof(featureColumn), "feature", featureColumn).Type;
        }

        private protected SingleFeaturePredictionTransformerBase(IHost host, ModelLoadContext ctx) : base(host, ctx)
        {
            FeatureColumnName = ctx.LoadNonEmptyString();
            FeatureColumnType = TrainSchema.Require(host, nameof(FeatureColumnName), "feature", FeatureColumnName).Type;
        }

        public string FeatureColumnName { get; }
        public DataViewType FeatureColumnType { get; }

        public sealed override DataViewSchema GetOutputSchema(DataViewSchema inputSchema)
        {
            Host.CheckValue(inputSchema, nameof(inputSchema));
            return Map(inputSchema).OutputSchema;
        }

        private protected sealed override RowMapping Map(DataViewSchema inputSchema)
        {
            DataViewSchema.Column features = inputSchema.Require(Host, nameof(inputSchema), "feature", FeatureColumnName);
            if (!features.Type.Equals(FeatureColumnType))
                throw Host.ExceptSchemaMismatch(nameof(inputSchema), "feature", FeatureColumnName, FeatureColumnType.ToString(), features.Type.ToString());
            return new RowMapping(Host, inputSchema, MakeScorer(inputSchema, features));
        }

        private protected abstract IColumnMapper MakeScorer(DataViewSchema inputSchema, DataViewSchema.Column features);
    }
}
