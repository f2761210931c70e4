using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms;

[assembly: Microsoft.ML.LoadableClass(typeof(TypeConvertingTransformer), null, typeof(Microsoft.ML.SignatureLoadModel),
    "Convert Transform", TypeConvertingTransformer.LoaderSignature)]

namespace Microsoft.ML.Transforms;

public sealed class TypeConvertingEstimator : TrivialEstimator<TypeConvertingTransformer>
{
    internal TypeConvertingEstimator(IHostEnvironment env, DataKind outputKind, params (string OutputColumnName, string InputColumnName)[] columns)
        : base(env.Register(nameof(TypeConvertingEstimator)), new TypeConvertingTransformer(env, outputKind, columns))
    {
    }

    public override SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        Host.CheckValue(inputSchema, nameof(inputSchema));
        PrimitiveDataViewType type = Transformer.ItemType;
        return inputSchema.With(Transformer.ColumnPairs.Select(pair =>
        {
            SchemaShape.Column source = inputSchema.Require(Host, pair.InputColumnName);
            if (!Conversions.Exists(source.ItemType.RawType, type.RawType))
                throw Host.ExceptParam(nameof(inputSchema), $"Don't know how to convert {pair.InputColumnName} into {type}");
            return new SchemaShape.Column(pair.OutputColumnName, source.Kind, type, false, source.Annotations);
        }));
    }
}

/// <summary>Converts columns to another item type.</summary>
public sealed class TypeConvertingTransformer : OneToOneTransformerBase
{
    internal const string LoaderSignature = "ConvertTransform";

    private readonly DataKind _kind;

    internal TypeConvertingTransformer(IHostEnvironment env, DataKind kind, params (string OutputColumnName, string InputColumnName)[] columns)
        : base(env.Register(nameof(TypeConvertingTransformer)), columns) => _kind = kind;

    private TypeConvertingTransformer(IHostEnvironment env, ModelLoadContext ctx)
        : base(env.Register(nameof(TypeConvertingTransformer)), ctx, GetVersionInfo())
    {
        _kind = (DataKind)ctx.Reader.ReadByte();
        Host.CheckDecode(Enum.IsDefined(_kind));
    }

    internal PrimitiveDataViewType ItemType => PrimitiveTypes.FromKind(_kind);

    private static VersionInfo GetVersionInfo() =>
        new("CONVERTF", 0x00010004, 0x00010004, 0x00010004, typeof(TypeConvertingTransformer).Assembly.FullName, LoaderSignature);

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        ctx.CheckAtModel();
        ctx.SetVersionInfo(GetVersionInfo());
        SaveColumns(ctx);
        ctx.Writer.Write((byte)_kind);
    }

    private protected override ColumnMap MapColumn(int pair, DataViewSchema.Column input)
    {
        DataViewType source = input.Type.ItemType();
        bool isKeyLost = source is KeyDataViewType && !KeyDataViewType.IsValidDataType(ItemType.RawType);
        if (isKeyLost || !Conversions.Exists(source.RawType, ItemType.RawType))
        {
            throw Host.ExceptParam("inputSchema", "source column '{0}' with item type '{1}' is not compatible with destination type '{2}'",
                input.Name, input.Type, ItemType);
        }
        var annotations = new DataViewSchema.Annotations.Builder();
        annotations.Add(input.Annotations, name => (name == AnnotationKinds.SlotNames && input.Type is VectorDataViewType { IsKnownSize: true })
            || (name == AnnotationKinds.IsNormalized && source is NumberDataViewType && ItemType is NumberDataViewType));
        if (input.Type is BooleanDataViewType && ItemType is NumberDataViewType)
            annotations.AddPrimitiveValue(AnnotationKinds.IsNormalized, BooleanDataViewType.Instance, true);
        return new ColumnMap(input.Type.WithItemType(ItemType), annotations.ToAnnotations(), row => Conversions.MakeGetter(row, input, ItemType.RawType));
    }
}
