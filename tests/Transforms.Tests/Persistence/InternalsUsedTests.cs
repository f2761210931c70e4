using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace MLNetLlm.Transforms.Tests;

public sealed class InternalsUsedTests
{
    /// <summary>All that this project takes of ML.NET's internals, and only Persistence/MLNetInternals.cs does.</summary>
    private static readonly string[] Known =
    [
        "Microsoft.ML.Data.IInternalCatalog",
        "Microsoft.ML.LoadableClassAttribute",
        "Microsoft.ML.ModelLoadContext",
        "Microsoft.ML.Repository",
        "Microsoft.ML.RepositoryReader",
        "Microsoft.ML.RepositoryWriter",
        "Microsoft.ML.Runtime.ICancelable",
        "Microsoft.ML.SignatureLoadModel",
        "Microsoft.ML.VersionInfo",
    ];

    [Fact]
    public void NoMoreInternalTypesOfMLNetAreUsedThanKnown()
    {
        using var file = new PEReader(File.OpenRead(typeof(TokenizingTransformer).Assembly.Location));
        MetadataReader metadata = file.GetMetadataReader();
        var used = new SortedSet<string>(StringComparer.Ordinal);
        foreach (TypeReference reference in metadata.TypeReferences.Select(metadata.GetTypeReference))
        {
            if (reference.ResolutionScope.Kind != HandleKind.AssemblyReference)
                continue;
            string assembly = metadata.GetString(metadata.GetAssemblyReference((AssemblyReferenceHandle)reference.ResolutionScope).Name);
            string name = $"{metadata.GetString(reference.Namespace)}.{metadata.GetString(reference.Name)}";
            if (assembly.StartsWith("Microsoft.ML", StringComparison.Ordinal) && !Assembly.Load(assembly).GetType(name, throwOnError: true)!.IsPublic)
                used.Add(name);
        }

        Assert.Equal(Known, used);
    }
}
