using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms;

[assembly: Microsoft.ML.LoadableClass(typeof(KeyToValueMappingTransformer), null, typeof(Microsoft.ML.SignatureLoadModel),
    "Key To Value Transform", KeyToValueMappingTransformer.LoaderSignature)]

namespace Microsoft.ML.Transforms;

public sealed class KeyToValueMappingEstimator : TrivialEstimator<KeyToValueMappingTransformer>
{
    internal KeyToValueMappingEstimator(IHostEnvironment env, params (string OutputColumnName, string InputColumnName)[] columns)
        : base(env.Register(nameof(KeyToValueMappingEstimator)), new KeyToValueMappingTransformer(env, columns))
    {
    }

    public override SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        Host.CheckValue(inputSchema, nameof(inputSchema));
        return inputSchema.With(Transformer.ColumnPairs.Select(pair =>
        {
            SchemaShape.Column source = inputSchema.Require(Host, pair.InputColumnName);
            if (!source.IsKey)
                throw Host.ExceptSchemaMismatch(nameof(inputSchema), "input", pair.InputColumnName, "KeyType", source.GetTypeString());
            if (!source.Annotations.TryFindColumn(AnnotationKinds.KeyValues, out SchemaShape.Column values))
                throw Host.ExceptParam(nameof(inputSchema), $"Input column '{pair.InputColumnName}' doesn't contain key values metadata");
            SchemaShape annotations = new(Shapes.Pick(source.Annotations, AnnotationKinds.SlotNames));
            return new SchemaShape.Column(pair.OutputColumnName, source.Kind, values.ItemType, values.IsKey, annotations);
        }));
    }
}

/// <summary>Looks keys up among the values that the column's annotation gives them.</summary>
public sealed class KeyToValueMappingTransformer : OneToOneTransformerBase
{
    internal const string LoaderSignature = "KeyToValueTransform";

    private static readonly GenericMethod GetterMaker = new(typeof(KeyToValueMappingTransformer), nameof(ReadValues));

    internal KeyToValueMappingTransformer(IHostEnvironment env, params (string OutputColumnName, string InputColumnName)[] columns)
        : base(env.Register(nameof(KeyToValueMappingTransformer)), columns)
    {
    }

    private KeyToValueMappingTransformer(IHostEnvironment env, ModelLoadContext ctx)
        : base(env.Register(nameof(KeyToValueMappingTransformer)), ctx, GetVersionInfo())
    {
    }

    private static VersionInfo GetVersionInfo() =>
        new("KEY2VALT", 0x00010001, 0x00010001, 0x00010001, typeof(KeyToValueMappingTransformer).Assembly.FullName, LoaderSignature);

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        ctx.CheckAtModel();
        ctx.SetVersionInfo(GetVersionInfo());
        SaveColumns(ctx);
    }

    private protected override ColumnMap MapColumn(int pair, DataViewSchema.Column input)
    {
        DataViewType values = input.Annotations.Schema.GetColumnOrNull(AnnotationKinds.KeyValues)?.Type;
        Host.Check(values is not null, "Metadata KeyValues does not exist");
        Host.Check(values is VectorDataViewType && (ulong)((VectorDataViewType)values).Size == ((input.Type.ItemType() as KeyDataViewType)?.Count ?? 0),
            "KeyValues metadata size does not match column type key count");
        var itemType = (PrimitiveDataViewType)values.ItemType();
        var annotations = new DataViewSchema.Annotations.Builder();
        annotations.Add(input.Annotations, name => name == AnnotationKinds.SlotNames);
        return new ColumnMap(input.Type.WithItemType(itemType), annotations.ToAnnotations(),
            GetterMaker.Call<Func<DataViewRow, Delegate>>(itemType.RawType, input));
    }

    private static Func<DataViewRow, Delegate> ReadValues<T>(DataViewSchema.Column column)
    {
        VBuffer<T> buffer = default;
        column.GetKeyValues(ref buffer);
        T[] values = [.. buffer.DenseValues()];
        T missing = (T)(typeof(T) == typeof(float) ? float.NaN : typeof(T) == typeof(double) ? double.NaN : (object)default(T));
        T Find(ulong key) => key > 0 && key <= (ulong)values.Length ? values[key - 1] : missing;
        Type raw = column.Type.ItemType().RawType;
        return row => raw == typeof(uint) ? ValueMaps.MakeGetter<uint, T>(row, column, key => Find(key))
            : raw == typeof(ulong) ? ValueMaps.MakeGetter<ulong, T>(row, column, Find)
            : raw == typeof(ushort) ? ValueMaps.MakeGetter<ushort, T>(row, column, key => Find(key))
            : ValueMaps.MakeGetter<byte, T>(row, column, key => Find(key));
    }
}
