using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Transforms;

/// <summary>Declares the contract name under which a class can be found when a model is loaded.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public sealed class CustomMappingFactoryAttributeAttribute : ExtensionBaseAttribute
{
    public CustomMappingFactoryAttributeAttribute(string contractName) : base(contractName)
    {
    }
}

internal interface ICustomMappingFactory
{
    ITransformer CreateTransformer(IHostEnvironment env, string contractName);
}

/// <summary>Gives the function of a saved custom mapping back when the model is loaded.</summary>
public abstract class CustomMappingFactory<TSrc, TDst> : ICustomMappingFactory
    where TSrc : class, new()
    where TDst : class, new()
{
    protected CustomMappingFactory()
    {
    }

    public abstract Action<TSrc, TDst> GetMapping();

    ITransformer ICustomMappingFactory.CreateTransformer(IHostEnvironment env, string contractName) =>
        new CustomMappingTransformer<TSrc, TDst>(env, GetMapping(), contractName, null, null);
}

public sealed class CustomMappingEstimator<TSrc, TDst> : TrivialEstimator<CustomMappingTransformer<TSrc, TDst>>
    where TSrc : class, new()
    where TDst : class, new()
{
    internal CustomMappingEstimator(IHostEnvironment env, Action<TSrc, TDst> mapAction, string contractName, SchemaDefinition input, SchemaDefinition output)
        : base(env.Register("CustomMappingEstimator"), new CustomMappingTransformer<TSrc, TDst>(env, mapAction, contractName, input, output))
    {
    }

    public override SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        Host.CheckValue(inputSchema, nameof(inputSchema));
        foreach (BoundColumn wanted in Transformer.InputColumns)
        {
            SchemaShape.Column found = inputSchema.Require(null, wanted.Name);
            SchemaShape.GetColumnTypeShape(wanted.Type, out SchemaShape.Column.VectorKind kind, out DataViewType itemType, out bool isKey);
            // Where any size will do, a fixed size does too.
            bool kindFits = kind == found.Kind || (kind == SchemaShape.Column.VectorKind.VariableVector && found.Kind == SchemaShape.Column.VectorKind.Vector);
            if (!itemType.Equals(found.ItemType) || isKey != found.IsKey || !kindFits)
                throw Contracts.ExceptSchemaMismatch(null, nameof(inputSchema), "input", wanted.Name, wanted.Type.ToString(), found.GetTypeString());
        }
        return inputSchema.With(SchemaShape.Create(Transformer.AddedSchema));
    }
}
