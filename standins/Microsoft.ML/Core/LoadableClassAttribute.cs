using System.Reflection;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>The signature of a class that is loaded from a model.</summary>
internal delegate void SignatureLoadModel(ModelLoadContext ctx);

/// <summary>Declares, on an assembly, a class that can be created by name for a signature.</summary>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
internal sealed class LoadableClassAttribute : LoadableClassAttributeBase
{
    public LoadableClassAttribute(Type instType, Type argType, Type sigType, string userName, params string[] loadNames)
        : base(null, instType, instType, argType, [sigType], userName, loadNames)
    {
    }

    public LoadableClassAttribute(Type instType, Type argType, Type[] sigTypes, string userName, params string[] loadNames)
        : base(null, instType, instType, argType, sigTypes, userName, loadNames)
    {
    }

    public LoadableClassAttribute(Type instType, Type loaderType, Type argType, Type sigType, string userName, params string[] loadNames)
        : base(null, instType, loaderType, argType, [sigType], userName, loadNames)
    {
    }

    public LoadableClassAttribute(Type instType, Type loaderType, Type argType, Type[] sigTypes, string userName, params string[] loadNames)
        : base(null, instType, loaderType, argType, sigTypes, userName, loadNames)
    {
    }

    public LoadableClassAttribute(string summary, Type instType, Type argType, Type sigType, string userName, params string[] loadNames)
        : base(summary, instType, instType, argType, [sigType], userName, loadNames)
    {
    }

    public LoadableClassAttribute(string summary, Type instType, Type argType, Type[] sigTypes, string userName, params string[] loadNames)
        : base(summary, instType, instType, argType, sigTypes, userName, loadNames)
    {
    }

    public LoadableClassAttribute(string summary, Type instType, Type loaderType, Type argType, Type sigType, string userName, params string[] loadNames)
        : base(summary, instType, loaderType, argType, [sigType], userName, loadNames)
    {
    }

    public LoadableClassAttribute(string summary, Type instType, Type loaderType, Type argType, Type[] sigTypes, string userName, params string[] loadNames)
        : base(summary, instType, loaderType, argType, sigTypes, userName, loadNames)
    {
    }
}

internal abstract class LoadableClassAttributeBase : Attribute
{
    public string Summary { get; }
    public Type InstanceType { get; }
    public Type LoaderType { get; }
    public Type ArgType { get; }
    public Type[] SigTypes { get; }
    public string UserName { get; }
    public string[] LoadNames { get; }

    /// <summary>The parameters that the constructor or Create method takes after the environment.</summary>
    public Type[] CtorTypes { get; }

    protected LoadableClassAttributeBase(string summary, Type instType, Type loaderType, Type argType, Type[] sigTypes, string userName, params string[] loadNames)
    {
        Contracts.CheckValue(null, instType, nameof(instType));
        Contracts.CheckValue(null, loaderType, nameof(loaderType));
        Contracts.CheckNonEmpty(null, sigTypes, nameof(sigTypes));
        Summary = summary;
        InstanceType = instType;
        LoaderType = loaderType;
        ArgType = argType;
        SigTypes = sigTypes;
        UserName = userName;
        LoadNames = loadNames.Length > 0 ? loadNames : [userName];
        if (LoadNames.Any(string.IsNullOrWhiteSpace))
            throw Contracts.ExceptParam(null, nameof(loadNames), "LoadableClass loadName parameter can't be empty");
        Type[] parameters = ParametersOf(sigTypes[0]);
        if (sigTypes.Any(signature => !ParametersOf(signature).SequenceEqual(parameters)))
            throw Contracts.ExceptParam(null, nameof(sigTypes), "LoadableClass signatures must have the same set of parameters");
        CtorTypes = argType is null ? parameters : [argType, .. parameters];
    }

    private static Type[] ParametersOf(Type signature)
    {
        Contracts.CheckParam(null, signature?.BaseType == typeof(MulticastDelegate), nameof(SigTypes), "LoadableClass signature type must be a delegate type");
        MethodInfo invoke = signature.GetMethod("Invoke");
        Contracts.CheckParam(null, invoke.ReturnType == typeof(void), nameof(SigTypes), "LoadableClass signature type must be a delegate type with void return");
        return invoke.GetParameters().Select(parameter => parameter.ParameterType).ToArray();
    }
}

/// <summary>Marks a class that is found by contract name in registered assemblies.</summary>
public abstract class ExtensionBaseAttribute : Attribute
{
    public string ContractName { get; }

    private protected ExtensionBaseAttribute(string contractName) => ContractName = contractName;
}
