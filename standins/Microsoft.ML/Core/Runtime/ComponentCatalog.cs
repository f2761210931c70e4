using System.Reflection;

namespace Microsoft.ML.Runtime;

/// <summary>Finds, by name, the classes that assemblies offer for loading, and their named extensions.</summary>
public sealed class ComponentCatalog
{
    private readonly Lock _lock = new();
    private readonly HashSet<string> _assemblies = [];
    private readonly Dictionary<(string Name, Type Signature), LoadableClassInfo> _classes = [];
    private readonly Dictionary<(Type Attribute, string Contract), Type> _extensions = [];

    internal ComponentCatalog()
    {
    }

    public void RegisterAssembly(Assembly assembly, bool throwOnError = true)
    {
        lock (_lock)
        {
            if (!_assemblies.Add(assembly.FullName))
                return;
            foreach (LoadableClassAttributeBase attribute in assembly.GetCustomAttributes<LoadableClassAttributeBase>())
                RegisterClass(attribute, throwOnError);
            if (!IsOwnAssembly(assembly))
                RegisterExtensions(assembly, throwOnError);
        }
    }

    private void RegisterClass(LoadableClassAttributeBase attribute, bool throwOnError)
    {
        var info = new LoadableClassInfo(attribute);
        if (!info.CanCreate && throwOnError)
            throw Contracts.Except(null, $"Can't instantiate loadable class '{attribute.InstanceType.Name}' with name '{attribute.LoadNames[0]}'");
        foreach (Type signature in attribute.SigTypes)
        {
            foreach (string name in attribute.LoadNames)
            {
                if (!_classes.TryAdd((Key(name), signature), info) && throwOnError)
                {
                    throw Contracts.Except(null, $"ComponentCatalog cannot map name '{name}' and SignatureType '{signature}' to {info.Type.Name}, " +
                        $"already mapped to {_classes[(Key(name), signature)].Type.Name}.");
                }
            }
        }
    }

    private void RegisterExtensions(Assembly assembly, bool throwOnError)
    {
        foreach (Type type in assembly.GetTypes().Where(type => type.IsClass))
        {
            foreach (ExtensionBaseAttribute attribute in type.GetCustomAttributes<ExtensionBaseAttribute>())
            {
                if (!_extensions.TryAdd((attribute.GetType(), attribute.ContractName), type) && throwOnError)
                {
                    throw Contracts.Except(null, $"An extension for '{attribute.GetType().Name}' with contract '{attribute.ContractName}' " +
                        "has already been registered in the ComponentCatalog.");
                }
            }
        }
    }

    internal object GetExtensionValue(IHostEnvironment env, Type attributeType, string contractName)
    {
        if (_extensions.TryGetValue((attributeType, contractName), out Type type))
            return Activator.CreateInstance(type);
        throw env.Except($"Unable to locate an extension for the contract '{contractName}'. Ensure you have called {nameof(ComponentCatalog)}." +
            $"{nameof(RegisterAssembly)} with the Assembly that contains a class decorated with a '{attributeType.FullName}'.");
    }

    /// <summary>Creates the class registered for a signature under a name; false when there is none.</summary>
    internal static bool TryCreateInstance<TResult, TSignature>(IHostEnvironment env, out TResult result, string name, params object[] arguments)
        where TResult : class
    {
        if (!env.ComponentCatalog._classes.TryGetValue((Key(name), typeof(TSignature)), out LoadableClassInfo info))
        {
            result = null;
            return false;
        }
        if (!typeof(TResult).IsAssignableFrom(info.Type))
            throw env.Except("Loadable class '{0}' does not derive from '{1}'", name, typeof(TResult).FullName);
        if (arguments.Length != info.ArgumentCount)
            throw env.Except("Wrong number of extra parameters for loadable class '{0}', need '{1}', given '{2}'", name, info.ArgumentCount, arguments.Length);
        result = (TResult)info.CreateInstance(env, arguments);
        return true;
    }

    private static string Key(string name) => (name ?? "").ToLowerInvariant().Trim();

    private static bool IsOwnAssembly(Assembly assembly) =>
        assembly.GetName().Name is "Microsoft.ML.Core" or "Microsoft.ML.Data" or "Microsoft.ML.Transforms" or "Microsoft.ML.StandardTrainers";
}
