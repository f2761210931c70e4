using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Transforms.Text;

public sealed class NgramExtractingEstimator : IEstimator<NgramExtractingTransformer>
{
    internal const int DefaultMaximumNgramsCount = 10_000_000;
    private const int LongestSpan = 10;

    private readonly IHost _host;
    private readonly string _outputColumnName;
    private readonly string _inputColumnName;
    private readonly int[] _limits;
    private readonly int _skipLength;
    private readonly WeightingCriteria _weighting;

    internal NgramExtractingEstimator(IHostEnvironment env, string outputColumnName, string inputColumnName, int ngramLength, int skipLength,
        bool useAllLengths, int[] maximumNgramsCounts, WeightingCriteria weighting)
    {
        _host = env.Register(nameof(NgramExtractingEstimator));
        _host.CheckUserArg(ngramLength is > 0 and <= LongestSpan, nameof(ngramLength), $"Must be positive and at most {LongestSpan}");
        if (ngramLength == 1 && skipLength != 0)
            throw _host.ExceptUserArg(nameof(skipLength), $"skipLength (actual value: {skipLength}) can only be zero when ngramLength set to one.");
        if (ngramLength + skipLength > LongestSpan)
            throw _host.ExceptUserArg(nameof(skipLength), $"The sum of skipLength and ngramLength must be less than or equal to {LongestSpan}");
        int[] counts = maximumNgramsCounts is { Length: > 0 } ? maximumNgramsCounts : [DefaultMaximumNgramsCount];
        _host.CheckUserArg(counts.All(count => count > 0), "maximumNgramsCount", "Must be positive");
        // Where only the longest are wanted, the one count is theirs; else the last count holds for all longer ones too.
        _limits = Enumerable.Range(0, ngramLength).Select(i => useAllLengths ? counts[Math.Min(i, counts.Length - 1)] : i == ngramLength - 1 ? counts[0] : 0).ToArray();
        _outputColumnName = outputColumnName;
        _inputColumnName = inputColumnName ?? outputColumnName;
        _skipLength = skipLength;
        _weighting = weighting;
    }

    /// <summary>The count of a sequence in its row, the rareness of rows that have it, or the product of both.</summary>
    public enum WeightingCriteria
    {
        Tf = 0,
        Idf = 1,
        TfIdf = 2,
    }

    public NgramExtractingTransformer Fit(IDataView input)
    {
        _host.CheckValue(input, nameof(input));
        DataViewSchema.Column column = input.Schema.Require(_host, "inputSchema", "input", _inputColumnName);
        NgramExtractingTransformer.CheckType(_host, column);
        var vocabulary = new NgramVocabulary(_limits);
        var rowsWith = new List<int>();
        int rows = 0;
        using DataViewRowCursor cursor = input.GetRowCursor([column]);
        Func<ReadOnlySpan<uint>> read = NgramExtractingTransformer.KeyReader(cursor, column);
        var seen = new HashSet<int>();
        for (; cursor.MoveNext(); rows++)
        {
            _host.CheckAlive();
            seen.Clear();
            vocabulary.Visit(read(), _skipLength, ngram => seen.Add(vocabulary.FindOrAdd(ngram)));
            foreach (int number in seen.Where(number => number >= 0).Order())
            {
                if (number == rowsWith.Count)
                    rowsWith.Add(0);
                rowsWith[number]++;
            }
        }
        float[] weights = rowsWith.Select(count => _weighting == WeightingCriteria.Tf ? 1 : (float)Math.Log(rows / (double)count)).ToArray();
        return new NgramExtractingTransformer(_host, (_outputColumnName, _inputColumnName), vocabulary, _skipLength, _weighting, weights);
    }

    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        _host.CheckValue(inputSchema, nameof(inputSchema));
        SchemaShape.Column source = inputSchema.Require(_host, _inputColumnName);
        if (source.Kind == SchemaShape.Column.VectorKind.Scalar || !source.IsKey)
            throw _host.ExceptSchemaMismatch(nameof(inputSchema), "input", _inputColumnName, NgramExtractingTransformer.ExpectedType, source.GetTypeString());
        IEnumerable<SchemaShape.Column> names = source.Annotations.TryFindColumn(AnnotationKinds.KeyValues, out _)
            ? [Shapes.Annotation(AnnotationKinds.SlotNames, TextDataViewType.Instance)]
            : [];
        return inputSchema.With([new SchemaShape.Column(_outputColumnName, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single, false, new SchemaShape(names))]);
    }
}
