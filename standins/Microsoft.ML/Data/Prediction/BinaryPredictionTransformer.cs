using Microsoft.ML.Calibrators;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers;

[assembly: Microsoft.ML.LoadableClass(typeof(Microsoft.ML.ITransformer), typeof(BinaryPredictionTransformer), null, typeof(Microsoft.ML.SignatureLoadModel),
    "", BinaryPredictionTransformer.LoaderSignature)]

namespace Microsoft.ML.Data;

internal static class BinaryPredictionTransformer
{
    public const string LoaderSignature = "BinaryPredXfer";

    private static ITransformer Create(IHostEnvironment env, ModelLoadContext ctx) =>
        new BinaryPredictionTransformer<IBinaryModel>(env, ctx).WithPublicModelType();
}

/// <summary>Appends PredictedLabel, Score and, where the model is calibrated, Probability.</summary>
public sealed class BinaryPredictionTransformer<TModel> : SingleFeaturePredictionTransformerBase<TModel> where TModel : class
{
    private const string RegistrationName = "BinaryPredictionTransformer";
    private static readonly GenericMethod Retyper = new(typeof(BinaryPredictionTransformer<TModel>), nameof(Retype));

    internal BinaryPredictionTransformer(IHostEnvironment env, TModel model, DataViewSchema trainSchema, string featureColumn)
        : base(env.Register(RegistrationName), model, trainSchema, featureColumn)
    {
    }

    internal BinaryPredictionTransformer(IHostEnvironment env, ModelLoadContext ctx) : base(env.Register(RegistrationName), ctx) =>
        ctx.CheckVersionInfo(GetVersionInfo());

    /// <summary>The same transformer with the model's public type as type argument.</summary>
    internal ITransformer WithPublicModelType()
    {
        Type type = Model is CalibratedModelParametersBase ? Model.GetType().BaseType : Model.GetType();
        return Retyper.Call<ITransformer>(type, this);
    }

    private static ITransformer Retype<TPublic>(BinaryPredictionTransformer<TModel> source) where TPublic : class =>
        new BinaryPredictionTransformer<TPublic>(source.Host, (TPublic)(object)source.Model, source.TrainSchema, source.FeatureColumnName);

    private static VersionInfo GetVersionInfo() =>
        new("BIN PRED", 0x00010001, 0x00010001, 0x00010001, typeof(BinaryPredictionTransformer).Assembly.FullName, BinaryPredictionTransformer.LoaderSignature);

    private protected override void SaveCore(ModelSaveContext ctx)
    {
        ctx.SetVersionInfo(GetVersionInfo());
        ctx.SaveNonEmptyString(FeatureColumnName);
    }

    private protected override IColumnMapper MakeScorer(DataViewSchema inputSchema, DataViewSchema.Column features) =>
        new Scorer((IBinaryModel)Model, inputSchema, features);

    private sealed class Scorer : IColumnMapper
    {
        private const string Kind = "BinaryClassification";

        private readonly IBinaryModel _model;
        private readonly DataViewSchema.Column _features;

        public Scorer(IBinaryModel model, DataViewSchema inputSchema, DataViewSchema.Column features)
        {
            _model = model;
            _features = features;
            var columns = new List<DataViewSchema.DetachedColumn>
            {
                new("PredictedLabel", BooleanDataViewType.Instance, ScoreAnnotations.Make(inputSchema, Kind, "PredictedLabel")),
                new("Score", NumberDataViewType.Single, ScoreAnnotations.Make(inputSchema, Kind, "Score")),
            };
            if (model.HasProbability)
            {
                columns.Add(new("Probability", NumberDataViewType.Single, ScoreAnnotations.Make(inputSchema, Kind, "Probability",
                    builder => builder.AddPrimitiveValue(AnnotationKinds.IsNormalized, BooleanDataViewType.Instance, true))));
            }
            OutputColumns = columns;
        }

        public IReadOnlyList<DataViewSchema.DetachedColumn> OutputColumns { get; }
        public IEnumerable<int> InputsOf(int output) => [_features.Index];

        public Delegate[] CreateGetters(DataViewRow input, bool[] activeOutputs)
        {
            if (!activeOutputs.Contains(true))
                return new Delegate[activeOutputs.Length];
            Func<float> score = ScoreOncePerRow(input);
            Delegate[] all =
            [
                (ValueGetter<bool>)((ref bool value) => value = score() > 0),
                (ValueGetter<float>)((ref float value) => value = score()),
                (ValueGetter<float>)((ref float value) => value = _model.Probability(score())),
            ];
            return activeOutputs.Select((isActive, i) => isActive ? all[i] : null).ToArray();
        }

        private Func<float> ScoreOncePerRow(DataViewRow row)
        {
            ValueGetter<VBuffer<float>> getter = row.GetGetter<VBuffer<float>>(_features);
            VBuffer<float> buffer = default;
            long position = -1;
            float score = 0;
            return () =>
            {
                if (row.Position != position)
                {
                    getter(ref buffer);
                    score = _model.Score(buffer);
                    position = row.Position;
                }
                return score;
            };
        }
    }
}
