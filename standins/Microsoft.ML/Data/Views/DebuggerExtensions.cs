using System.Collections.Immutable;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>A look at the first rows of data, and of what transformers and estimators make of them.</summary>
public static class DebuggerExtensions
{
    public static DataDebuggerPreview Preview(this IDataView data, int maxRows = 100)
    {
        Contracts.CheckValue(null, data, nameof(data));
        Contracts.CheckParam(null, maxRows >= 0, nameof(maxRows));
        return new DataDebuggerPreview(data, maxRows);
    }

    public static DataDebuggerPreview Preview(this ITransformer transformer, IDataView data, int maxRows = 100)
    {
        Contracts.CheckValue(null, transformer, nameof(transformer));
        return transformer.Transform(data).Preview(maxRows);
    }

    public static DataDebuggerPreview Preview(this IEstimator<ITransformer> estimator, IDataView data, int maxRows = 100, int maxTrainingRows = 100)
    {
        Contracts.CheckValue(null, estimator, nameof(estimator));
        Contracts.CheckValue(null, data, nameof(data));
        Contracts.CheckParam(null, maxTrainingRows >= 0, nameof(maxTrainingRows));
        return estimator.Fit(new RowRange(data, 0, maxTrainingRows)).Preview(data, maxRows);
    }
}
