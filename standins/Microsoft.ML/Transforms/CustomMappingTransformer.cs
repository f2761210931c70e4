using System.Reflection;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms;

[assembly: Microsoft.ML.LoadableClass(typeof(Microsoft.ML.ITransformer), typeof(CustomMappingLoader), null, typeof(Microsoft.ML.SignatureLoadModel),
    "", CustomMappingLoader.LoaderSignature)]

namespace Microsoft.ML.Transforms;

internal static class CustomMappingLoader
{
    public const string LoaderSignature = "CustomTransformer";

    public static VersionInfo GetVersionInfo() =>
        new("CUSTOMXF", 0x00010002, 0x00010002, 0x00010002, typeof(CustomMappingLoader).Assembly.FullName, LoaderSignature);

    private static ITransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        ctx.CheckAtModel(GetVersionInfo());
        string contractName = ctx.LoadString();
        env.ComponentCatalog.RegisterAssembly(Assembly.Load(ctx.LoadString()));
        object factory = env.ComponentCatalog.GetExtensionValue(env, typeof(CustomMappingFactoryAttributeAttribute), contractName);
        return factory is ICustomMappingFactory mapping
            ? mapping.CreateTransformer(env, contractName)
            : throw env.Except($"The class with contract '{contractName}' must derive from '{typeof(CustomMappingFactory<,>).FullName}'.");
    }
}

/// <summary>Appends the columns that a function makes of each row.</summary>
public sealed class CustomMappingTransformer<TSrc, TDst> : ITransformer
    where TSrc : class, new()
    where TDst : class, new()
{
    private readonly IHost _host;
    private readonly Action<TSrc, TDst> _map;
    private readonly string _contractName;
    private readonly SchemaDefinition _inputDefinition;
    private readonly BoundColumn[] _outputColumns;

    internal CustomMappingTransformer(IHostEnvironment env, Action<TSrc, TDst> map, string contractName, SchemaDefinition input, SchemaDefinition output)
    {
        _host = env.Register("CustomMappingTransformer");
        _host.CheckValue(map, "mapAction");
        _map = map;
        _contractName = contractName;
        _inputDefinition = input;
        _outputColumns = BoundColumn.Bind(typeof(TDst), output ?? SchemaDefinition.Create(typeof(TDst), SchemaDefinition.Direction.Write));
        AddedSchema = BoundColumn.SchemaOf(_outputColumns);
    }

    internal DataViewSchema AddedSchema { get; }

    internal BoundColumn[] InputColumns =>
        BoundColumn.Bind(typeof(TSrc), _inputDefinition ?? SchemaDefinition.Create(typeof(TSrc)));

    bool ITransformer.IsRowToRowMapper => true;

    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => Map(inputSchema).OutputSchema;

    public IDataView Transform(IDataView input)
    {
        _host.CheckValue(input, nameof(input));
        return new MappedView(input, Map(input.Schema));
    }

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema) => Map(inputSchema);

    private RowMapping Map(DataViewSchema inputSchema)
    {
        _host.CheckValue(inputSchema, nameof(inputSchema));
        return new RowMapping(_host, inputSchema, new Mapper(this, inputSchema));
    }

    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
        if (_contractName is null)
            throw _host.Except("Empty contract name for a transform: the transform cannot be saved");
        ctx.CheckAtModel();
        ctx.SetVersionInfo(CustomMappingLoader.GetVersionInfo());
        ctx.SaveString(_contractName);
        ctx.SaveString(_map.Method.DeclaringType.Assembly.FullName);
    }

    private sealed class Mapper(CustomMappingTransformer<TSrc, TDst> parent, DataViewSchema inputSchema) : IColumnMapper
    {
        private readonly TypedReader<TSrc> _reader = new(parent._host, inputSchema, ignoreMissingColumns: false, parent._inputDefinition);

        public IReadOnlyList<DataViewSchema.DetachedColumn> OutputColumns { get; } =
            parent.AddedSchema.Select(column => new DataViewSchema.DetachedColumn(column)).ToArray();

        public IEnumerable<int> InputsOf(int output) => _reader.Needed.Select(column => column.Index);

        public Delegate[] CreateGetters(DataViewRow input, bool[] activeOutputs)
        {
            if (!activeOutputs.Contains(true))
                return new Delegate[activeOutputs.Length];
            Action<TSrc> fill = _reader.Bind(input);
            var source = new TSrc();
            var result = new TDst();
            long position = -1;
            TDst Current()
            {
                if (input.Position != position)
                {
                    fill(source);
                    parent._map(source, result);
                    position = input.Position;
                }
                return result;
            }
            return parent._outputColumns.Select((column, i) =>
                activeOutputs[i] ? MemberAccess<TDst>.Create(column).MakeGetter(Current) : null).ToArray();
        }
    }
}
