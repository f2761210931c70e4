using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers;

[assembly: Microsoft.ML.LoadableClass(typeof(Microsoft.ML.ITransformer), typeof(MulticlassPredictionTransformer), null, typeof(Microsoft.ML.SignatureLoadModel),
    "", MulticlassPredictionTransformer.LoaderSignature)]

namespace Microsoft.ML.Data;

internal static class MulticlassPredictionTransformer
{
    public const string LoaderSignature = "MulticlassPredXfer";

    private static ITransformer Create(IHostEnvironment env, ModelLoadContext ctx) =>
        new MulticlassPredictionTransformer<IMulticlassModel>(env, ctx).WithPublicModelType();
}

/// <summary>Appends PredictedLabel, a key with the label's values, and Score, a probability for each.</summary>
public sealed class MulticlassPredictionTransformer<TModel> : SingleFeaturePredictionTransformerBase<TModel> where TModel : class
{
    private const string RegistrationName = "MulticlassPredictionTransformer";
    private static readonly GenericMethod Retyper = new(typeof(MulticlassPredictionTransformer<TModel>), nameof(Retype));

    private readonly string _labelColumn;

    internal MulticlassPredictionTransformer(IHostEnvironment env, TModel model, DataViewSchema trainSchema, string featureColumn, string labelColumn)
        : base(env.Register(RegistrationName), model, trainSchema, featureColumn) => _labelColumn = labelColumn;

    internal MulticlassPredictionTransformer(IHostEnvironment env, ModelLoadContext ctx) : base(env.Register(RegistrationName), ctx)
    {
        ctx.CheckVersionInfo(GetVersionInfo());
        _labelColumn = ctx.LoadNonEmptyString();
    }

    internal ITransformer WithPublicModelType() => Retyper.Call<ITransformer>(Model.GetType(), this);

    private static ITransformer Retype<TPublic>(MulticlassPredictionTransformer<TModel> source) where TPublic : class =>
        new MulticlassPredictionTransformer<TPublic>(source.Host, (TPublic)(object)source.Model, source.TrainSchema, source.FeatureColumnName, source._labelColumn);

    private static VersionInfo GetVersionInfo() =>
        new("MC  PRED", 0x00010001, 0x00010001, 0x00010001, typeof(MulticlassPredictionTransformer).Assembly.FullName, MulticlassPredictionTransformer.LoaderSignature);

    private protected override void SaveCore(ModelSaveContext ctx)
    {
        ctx.SetVersionInfo(GetVersionInfo());
        ctx.SaveNonEmptyString(FeatureColumnName);
        ctx.SaveNonEmptyString(_labelColumn);
    }

    private protected override IColumnMapper MakeScorer(DataViewSchema inputSchema, DataViewSchema.Column features) =>
        new Scorer((IMulticlassModel)Model, inputSchema, features, TrainSchema[_labelColumn]);

    private sealed class Scorer : IColumnMapper
    {
        private const string Kind = "MultiClassClassification";

        private readonly IMulticlassModel _model;
        private readonly DataViewSchema.Column _features;

        public Scorer(IMulticlassModel model, DataViewSchema inputSchema, DataViewSchema.Column features, DataViewSchema.Column label)
        {
            _model = model;
            _features = features;
            var scores = new VectorDataViewType(NumberDataViewType.Single, model.ClassCount);
            OutputColumns =
            [
                new("PredictedLabel", new KeyDataViewType(typeof(uint), model.ClassCount), ScoreAnnotations.Make(inputSchema, Kind, "PredictedLabel",
                    builder => builder.Add(label.Annotations, name => name == AnnotationKinds.KeyValues))),
                new("Score", scores, ScoreAnnotations.Make(inputSchema, Kind, "Score", builder => AddClassNames(builder, label, scores.Size))),
            ];
        }

        public IReadOnlyList<DataViewSchema.DetachedColumn> OutputColumns { get; }
        public IEnumerable<int> InputsOf(int output) => [_features.Index];

        public Delegate[] CreateGetters(DataViewRow input, bool[] activeOutputs)
        {
            if (!activeOutputs.Contains(true))
                return new Delegate[activeOutputs.Length];
            Func<float[]> scores = ScoresOncePerRow(input);
            Delegate[] all =
            [
                (ValueGetter<uint>)((ref uint value) =>
                {
                    float[] current = scores();
                    value = (uint)(Array.IndexOf(current, current.Max()) + 1);
                }),
                (ValueGetter<VBuffer<float>>)((ref VBuffer<float> value) =>
                {
                    float[] current = scores();
                    VBuffer<float>.Copy(current, 0, ref value, current.Length);
                }),
            ];
            return activeOutputs.Select((isActive, i) => isActive ? all[i] : null).ToArray();
        }

        private Func<float[]> ScoresOncePerRow(DataViewRow row)
        {
            ValueGetter<VBuffer<float>> getter = row.GetGetter<VBuffer<float>>(_features);
            VBuffer<float> buffer = default;
            long position = -1;
            float[] scores = new float[_model.ClassCount];
            return () =>
            {
                if (row.Position != position)
                {
                    getter(ref buffer);
                    _model.Score(buffer, scores);
                    position = row.Position;
                }
                return scores;
            };
        }

        private static void AddClassNames(DataViewSchema.Annotations.Builder builder, DataViewSchema.Column label, int size)
        {
            if (label.Annotations.Schema.GetColumnOrNull(AnnotationKinds.KeyValues) is not { Type: VectorDataViewType values } || values.Size != size)
                return;
            var keyValues = new GenericMethod(typeof(Scorer), nameof(CopyKeyValues));
            keyValues.Call<object>(values.ItemType.RawType, builder, label, values, AnnotationKinds.TrainingLabelValues);
            if (values.ItemType is TextDataViewType)
                keyValues.Call<object>(values.ItemType.RawType, builder, label, values, AnnotationKinds.SlotNames);
        }

        private static object CopyKeyValues<T>(DataViewSchema.Annotations.Builder builder, DataViewSchema.Column label, VectorDataViewType type, string kind)
        {
            VBuffer<T> values = default;
            label.GetKeyValues(ref values);
            builder.Add(kind, type, (ref VBuffer<T> value) => values.CopyTo(ref value));
            return null;
        }
    }
}
