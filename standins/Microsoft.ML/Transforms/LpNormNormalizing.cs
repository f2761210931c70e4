using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms;

[assembly: Microsoft.ML.LoadableClass(typeof(LpNormNormalizingTransformer), null, typeof(Microsoft.ML.SignatureLoadModel),
    "Lp-Norm Normalizer", LpNormNormalizingTransformer.LoaderSignature)]

namespace Microsoft.ML.Transforms;

public abstract class LpNormNormalizingEstimatorBase : TrivialEstimator<LpNormNormalizingTransformer>
{
    internal const string ExpectedType = "Expected known-size vector of Single";

    private protected LpNormNormalizingEstimatorBase(IHost host, LpNormNormalizingTransformer transformer) : base(host, transformer)
    {
    }

    public enum NormFunction : byte
    {
        L2 = 0,
        StandardDeviation = 1,
        L1 = 2,
        Infinity = 3,
    }

    public override SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        Host.CheckValue(inputSchema, nameof(inputSchema));
        return inputSchema.With(Transformer.ColumnPairs.Select(pair =>
        {
            SchemaShape.Column source = inputSchema.Require(Host, pair.InputColumnName);
            if (source.Kind != SchemaShape.Column.VectorKind.Vector || source.ItemType != NumberDataViewType.Single)
                throw Host.ExceptSchemaMismatch(nameof(inputSchema), "input", pair.InputColumnName, ExpectedType, source.GetTypeString());
            var annotations = new SchemaShape(Shapes.Pick(source.Annotations, AnnotationKinds.SlotNames).Append(Shapes.IsNormalized));
            return new SchemaShape.Column(pair.OutputColumnName, source.Kind, source.ItemType, false, annotations);
        }));
    }
}

public sealed class LpNormNormalizingEstimator : LpNormNormalizingEstimatorBase
{
    internal LpNormNormalizingEstimator(IHostEnvironment env, NormFunction norm, bool ensureZeroMean, params (string OutputColumnName, string InputColumnName)[] columns)
        : base(env.Register(nameof(LpNormNormalizingEstimator)), new LpNormNormalizingTransformer(env, norm, ensureZeroMean, columns))
    {
    }
}

/// <summary>Divides each vector by its norm, after subtracting its mean where that is asked for.</summary>
public sealed class LpNormNormalizingTransformer : OneToOneTransformerBase
{
    internal const string LoaderSignature = "LpNormNormalizer";

    // Vectors shorter than this are left as they are.
    private const float SmallestNorm = 1e-8f;

    private readonly LpNormNormalizingEstimatorBase.NormFunction _norm;
    private readonly bool _ensureZeroMean;

    internal LpNormNormalizingTransformer(IHostEnvironment env, LpNormNormalizingEstimatorBase.NormFunction norm, bool ensureZeroMean,
        params (string OutputColumnName, string InputColumnName)[] columns) : base(env.Register(nameof(LpNormNormalizingTransformer)), columns)
    {
        _norm = norm;
        _ensureZeroMean = ensureZeroMean;
    }

    private LpNormNormalizingTransformer(IHostEnvironment env, ModelLoadContext ctx)
        : base(env.Register(nameof(LpNormNormalizingTransformer)), ctx, GetVersionInfo())
    {
        _norm = (LpNormNormalizingEstimatorBase.NormFunction)ctx.Reader.ReadByte();
        _ensureZeroMean = ctx.Reader.ReadBoolean();
    }

    private static VersionInfo GetVersionInfo() =>
        new("GCNORMAF", 0x00010003, 0x00010003, 0x00010003, typeof(LpNormNormalizingTransformer).Assembly.FullName, LoaderSignature);

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        ctx.CheckAtModel();
        ctx.SetVersionInfo(GetVersionInfo());
        SaveColumns(ctx);
        ctx.Writer.Write((byte)_norm);
        ctx.Writer.Write(_ensureZeroMean);
    }

    private protected override ColumnMap MapColumn(int pair, DataViewSchema.Column input)
    {
        if (input.Type is not VectorDataViewType { IsKnownSize: true } vector || vector.ItemType != NumberDataViewType.Single)
            throw Host.ExceptSchemaMismatch("inputSchema", "input", input.Name, LpNormNormalizingEstimatorBase.ExpectedType, input.Type.ToString());
        var annotations = new DataViewSchema.Annotations.Builder();
        annotations.Add(input.Annotations, name => name == AnnotationKinds.SlotNames);
        annotations.AddPrimitiveValue(AnnotationKinds.IsNormalized, BooleanDataViewType.Instance, true);
        return new ColumnMap(input.Type, annotations.ToAnnotations(), row =>
        {
            ValueGetter<VBuffer<float>> getter = row.GetGetter<VBuffer<float>>(input);
            VBuffer<float> source = default;
            return (ValueGetter<VBuffer<float>>)((ref VBuffer<float> value) =>
            {
                getter(ref source);
                Normalize(source, ref value);
            });
        });
    }

    private void Normalize(in VBuffer<float> source, ref VBuffer<float> target)
    {
        if (_ensureZeroMean)
            source.CopyToDense(ref target);
        else
            source.CopyTo(ref target);
        VBufferEditor<float> editor = VBufferEditor.CreateFromBuffer(ref target);
        float mean = _ensureZeroMean && source.Length > 0 ? Sum(editor.Values, value => value) / source.Length : 0;
        foreach (ref float value in editor.Values)
            value -= mean;
        float norm = _norm switch
        {
            LpNormNormalizingEstimatorBase.NormFunction.L1 => Sum(editor.Values, MathF.Abs),
            LpNormNormalizingEstimatorBase.NormFunction.L2 => MathF.Sqrt(Sum(editor.Values, value => value * value)),
            LpNormNormalizingEstimatorBase.NormFunction.Infinity => Largest(editor.Values),
            _ => StandardDeviation(editor.Values, source.Length),
        };
        float scale = norm < SmallestNorm ? 1 : 1 / norm;
        foreach (ref float value in editor.Values)
            value *= scale;
        target = editor.Commit();
    }

    private static float Sum(ReadOnlySpan<float> values, Func<float, float> map)
    {
        float sum = 0;
        foreach (float value in values)
            sum += map(value);
        return sum;
    }

    private static float Largest(ReadOnlySpan<float> values)
    {
        float largest = 0;
        foreach (float value in values)
            largest = Math.Max(largest, Math.Abs(value));
        return largest;
    }

    private static float StandardDeviation(ReadOnlySpan<float> values, int length)
    {
        float mean = Sum(values, value => value) / length;
        float zeros = (length - values.Length) * mean * mean;
        return MathF.Sqrt((Sum(values, value => (value - mean) * (value - mean)) + zeros) / length);
    }
}
