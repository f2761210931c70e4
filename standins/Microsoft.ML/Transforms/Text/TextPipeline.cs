using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Transforms.Text;

/// <summary>Fits transforms of text one after another on columns of its own, which it drops in the end.</summary>
internal sealed class TextPipeline(IHost host, IDataView data)
{
    private readonly List<ITransformer> _transformers = [];
    private readonly List<string> _temporary = [];
    private IDataView _data = data;

    public string Join(string[] columns) => columns.Length == 1
        ? columns[0]
        : Add(Name("Joined"), name => new ColumnConcatenatingEstimator(host, name, columns));

    public string Normalize(string column, TextNormalization rules) =>
        Add(Name("Normalized"), name => new TextNormalizingEstimator(host, rules, (name, column)));

    public string SplitWords(string column) => Add(Name("Words"), name => new WordTokenizingEstimator(host, null, (name, column)));

    public string SplitCharacters(string column) =>
        Add(Name("Characters"), name => new TokenizingByCharactersEstimator(host, useMarkers: true, (name, column)));

    public void CountWords(string words, WordBagEstimator.Options options, string output)
    {
        string keys = Add(Name("Keys"), name => new ValueToKeyMappingEstimator(host, [(name, words)],
            options.MaximumNgramsCount is { Length: > 0 } limits ? limits[0] : NgramExtractingEstimator.DefaultMaximumNgramsCount,
            ValueToKeyMappingEstimator.KeyOrdinality.ByOccurrence, textAnnotations: false, keyData: null));
        CountSequences(keys, options, output);
    }

    public void CountSequences(string keys, WordBagEstimator.Options options, string output) => Add(output, name => new NgramExtractingEstimator(host, name, keys,
        options.NgramLength, options.SkipLength, options.UseAllLengths, options.MaximumNgramsCount, options.Weighting));

    public string Scale(string column, LpNormNormalizingEstimatorBase.NormFunction norm) =>
        Add(Name("Scaled"), name => new LpNormNormalizingEstimator(host, norm, ensureZeroMean: false, (name, column)));

    public void Append(ITransformer transformer)
    {
        _transformers.Add(transformer);
        _data = transformer.Transform(_data);
    }

    /// <summary>A column name that nothing else has, for a column that does not last.</summary>
    public string Name(string purpose)
    {
        string name = $"Text_{purpose}_{_temporary.Count}";
        while (_data.Schema.GetColumnOrNull(name) is not null)
            name += "_";
        _temporary.Add(name);
        return name;
    }

    public ITransformer Finish()
    {
        if (_temporary.Count > 0)
            Append(new ColumnSelectingTransformer(host, [.. _temporary], keep: false, keepHidden: false));
        return new TransformerChain<ITransformer>([.. _transformers]);
    }

    private string Add(string name, Func<string, IEstimator<ITransformer>> make)
    {
        Append(make(name).Fit(_data));
        return name;
    }
}
