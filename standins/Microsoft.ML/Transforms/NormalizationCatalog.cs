using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using NormFunction = Microsoft.ML.Transforms.LpNormNormalizingEstimatorBase.NormFunction;

namespace Microsoft.ML;

/// <summary>Transforms that scale numbers.</summary>
public static class NormalizationCatalog
{
    public static LpNormNormalizingEstimator NormalizeLpNorm(this TransformsCatalog catalog, string outputColumnName, string inputColumnName = null,
        NormFunction norm = NormFunction.L2, bool ensureZeroMean = false) =>
        new(catalog.GetEnvironment(), norm, ensureZeroMean, (outputColumnName, inputColumnName ?? outputColumnName));
}
