using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms;

namespace Microsoft.ML;

/// <summary>Functions of a program as transforms.</summary>
public static class CustomMappingCatalog
{
    public static CustomMappingEstimator<TSrc, TDst> CustomMapping<TSrc, TDst>(this TransformsCatalog catalog, Action<TSrc, TDst> mapAction,
        string contractName, SchemaDefinition inputSchemaDefinition = null, SchemaDefinition outputSchemaDefinition = null)
        where TSrc : class, new()
        where TDst : class, new() =>
        new(catalog.GetEnvironment(), mapAction, contractName, inputSchemaDefinition, outputSchemaDefinition);

    public static IDataView FilterByCustomPredicate<TSrc>(this DataOperationsCatalog catalog, IDataView input, Func<TSrc, bool> filterPredicate)
        where TSrc : class, new()
    {
        IHostEnvironment env = catalog.GetEnvironment();
        env.CheckValue(input, nameof(input));
        env.CheckValue(filterPredicate, nameof(filterPredicate));
        var reader = new TypedReader<TSrc>(env, input.Schema, ignoreMissingColumns: false);
        return new RowFilter(input, reader.Needed, row =>
        {
            Action<TSrc> fill = reader.Bind(row);
            var source = new TSrc();
            return () =>
            {
                fill(source);
                // The predicate says which rows to leave out.
                return !filterPredicate(source);
            };
        });
    }
}
