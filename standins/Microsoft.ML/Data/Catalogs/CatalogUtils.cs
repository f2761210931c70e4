using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>A catalog with the environment that its components are made in.</summary>
internal interface IInternalCatalog
{
    IHostEnvironment Environment { get; }
}

internal static class CatalogUtils
{
    public static IHostEnvironment GetEnvironment(this IInternalCatalog catalog)
    {
        Contracts.CheckValue(null, catalog, nameof(catalog));
        return catalog.Environment;
    }
}
