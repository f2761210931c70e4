using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms;

[assembly: Microsoft.ML.LoadableClass(typeof(ValueMappingTransformer), null, typeof(Microsoft.ML.SignatureLoadModel),
    "Value Mapping Transformer", ValueMappingTransformer.LoaderSignature)]

namespace Microsoft.ML.Transforms;

public class ValueMappingEstimator : TrivialEstimator<ValueMappingTransformer>
{
    private protected ValueMappingEstimator(IHostEnvironment env, LookupTable table, (string OutputColumnName, string InputColumnName)[] columns)
        : base(env.Register(nameof(ValueMappingEstimator)), new ValueMappingTransformer(env, table, columns))
    {
    }

    public sealed override SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        Host.CheckValue(inputSchema, nameof(inputSchema));
        return inputSchema.With(Transformer.ColumnPairs.Select(pair =>
        {
            SchemaShape.Column source = inputSchema.Require(Host, pair.InputColumnName);
            SchemaShape.GetColumnTypeShape(Transformer.Table.ValueType, out SchemaShape.Column.VectorKind kind, out DataViewType itemType, out bool isKey);
            if (source.Kind != SchemaShape.Column.VectorKind.Scalar)
            {
                if (kind != SchemaShape.Column.VectorKind.Scalar)
                    throw Host.ExceptNotSupp($"Column '{pair.InputColumnName}' cannot be mapped to values when the column and the map values are both vector type.");
                kind = source.Kind;
            }
            IEnumerable<SchemaShape.Column> annotations = isKey ? [Shapes.Annotation(AnnotationKinds.KeyValues, TextDataViewType.Instance)] : [];
            return new SchemaShape.Column(pair.OutputColumnName, kind, itemType, isKey, new SchemaShape(annotations));
        }));
    }
}

public sealed class ValueMappingEstimator<TKey, TValue> : ValueMappingEstimator
{
    internal ValueMappingEstimator(IHostEnvironment env, LookupTable table, params (string OutputColumnName, string InputColumnName)[] columns)
        : base(env, table, columns)
    {
    }
}

/// <summary>Looks values up in a table; what is not in it becomes the type's default.</summary>
public class ValueMappingTransformer : OneToOneTransformerBase
{
    internal const string LoaderSignature = "ValueMappingTransformer";

    internal ValueMappingTransformer(IHostEnvironment env, LookupTable table, (string OutputColumnName, string InputColumnName)[] columns)
        : base(env.Register(nameof(ValueMappingTransformer)), columns) => Table = table;

    private ValueMappingTransformer(IHostEnvironment env, ModelLoadContext ctx)
        : base(env.Register(nameof(ValueMappingTransformer)), ctx, GetVersionInfo()) => Table = LookupTable.Load(Host, ctx.Reader);

    internal LookupTable Table { get; }

    private static VersionInfo GetVersionInfo() =>
        new("VALUMAPG", 0x00010003, 0x00010003, 0x00010003, typeof(ValueMappingTransformer).Assembly.FullName, LoaderSignature);

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        ctx.CheckAtModel();
        ctx.SetVersionInfo(GetVersionInfo());
        SaveColumns(ctx);
        Table.Save(ctx.Writer);
    }

    private protected override ColumnMap MapColumn(int pair, DataViewSchema.Column input)
    {
        if (!input.Type.ItemType().Equals(Table.KeyType))
            throw Host.ExceptSchemaMismatch("inputSchema", "input", input.Name, Table.KeyType.ToString(), input.Type.ToString());
        DataViewType type = input.Type is VectorDataViewType vector ? new VectorDataViewType((PrimitiveDataViewType)Table.ValueType, vector.Dimensions) : Table.ValueType;
        return new ColumnMap(type, Table.Annotations, row => Table.MakeGetter(row, input));
    }
}
