using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Transforms.Text;

/// <summary>Texts as vectors: counts of words and of character sequences, each part scaled to unit length.</summary>
public sealed class TextFeaturizingEstimator : IEstimator<ITransformer>
{
    private readonly IHost _host;
    private readonly string _outputColumnName;
    private readonly string[] _inputColumnNames;
    private readonly Options _options;

    internal TextFeaturizingEstimator(IHostEnvironment env, string outputColumnName, string[] inputColumnNames, Options options)
    {
        _host = env.Register(nameof(TextFeaturizingEstimator));
        _host.CheckNonEmpty(outputColumnName, "name");
        _host.CheckNonEmpty(inputColumnNames, "source");
        _host.CheckParam(inputColumnNames.All(name => !string.IsNullOrWhiteSpace(name)), "source");
        _outputColumnName = outputColumnName;
        _inputColumnNames = inputColumnNames;
        _options = options ?? new Options();
    }

    public enum NormFunction
    {
        None = 0,
        L1 = 1,
        L2 = 2,
        Infinity = 3,
    }

    public sealed class Options : TransformInputBase
    {
        public TextNormalizingEstimator.CaseMode CaseMode = TextNormalizingEstimator.CaseMode.Lower;
        public bool KeepDiacritics;
        public bool KeepPunctuations = true;
        public bool KeepNumbers = true;
        public NormFunction Norm = NormFunction.L2;
        public string OutputTokensColumnName;

        public Options()
        {
        }

        public WordBagEstimator.Options WordFeatureExtractor { get; set; } = new();
        public WordBagEstimator.Options CharFeatureExtractor { get; set; } = new() { NgramLength = 3, UseAllLengths = false };
    }

    public ITransformer Fit(IDataView input)
    {
        _host.CheckValue(input, nameof(input));
        var pipeline = new TextPipeline(_host, input);
        string text = pipeline.Join(_inputColumnNames);
        var rules = new TextNormalization(_options.CaseMode, _options.KeepDiacritics, _options.KeepPunctuations, _options.KeepNumbers);
        if (rules != new TextNormalization(TextNormalizingEstimator.CaseMode.None, true, true, true))
            text = pipeline.Normalize(text, rules);
        bool wantsTokens = !string.IsNullOrEmpty(_options.OutputTokensColumnName);
        string words = _options.WordFeatureExtractor is not null || wantsTokens ? pipeline.SplitWords(text) : null;
        if (wantsTokens)
            pipeline.Append(new ColumnCopyingTransformer(_host, (_options.OutputTokensColumnName, words)));
        var parts = new List<(string Column, string Prefix)>();
        if (_options.CharFeatureExtractor is not null)
        {
            string counts = pipeline.Name("CharacterCounts");
            pipeline.CountSequences(pipeline.SplitCharacters(text), _options.CharFeatureExtractor, counts);
            parts.Add((Scale(pipeline, counts), "Char"));
        }
        if (_options.WordFeatureExtractor is not null)
        {
            string counts = pipeline.Name("WordCounts");
            pipeline.CountWords(words, _options.WordFeatureExtractor, counts);
            parts.Add((Scale(pipeline, counts), "Word"));
        }
        if (parts.Count > 0)
        {
            string[] prefixes = parts.Count > 1 ? parts.Select(part => part.Prefix).ToArray() : [""];
            pipeline.Append(new ColumnConcatenatingTransformer(_host, _outputColumnName, parts.Select(part => part.Column).ToArray(), prefixes));
        }
        return pipeline.Finish();
    }

    private string Scale(TextPipeline pipeline, string column) => _options.Norm switch
    {
        NormFunction.None => column,
        NormFunction.L1 => pipeline.Scale(column, LpNormNormalizingEstimatorBase.NormFunction.L1),
        NormFunction.L2 => pipeline.Scale(column, LpNormNormalizingEstimatorBase.NormFunction.L2),
        _ => pipeline.Scale(column, LpNormNormalizingEstimatorBase.NormFunction.Infinity),
    };

    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        _host.CheckValue(inputSchema, nameof(inputSchema));
        foreach (string name in _inputColumnNames)
        {
            SchemaShape.Column source = inputSchema.Require(_host, name);
            if (source.ItemType is not TextDataViewType)
                throw _host.ExceptSchemaMismatch(nameof(inputSchema), "input", name, "scalar or vector of String", source.GetTypeString());
        }
        var annotations = new List<SchemaShape.Column> { Shapes.Annotation(AnnotationKinds.SlotNames, TextDataViewType.Instance) };
        if (_options.Norm != NormFunction.None)
            annotations.Add(Shapes.IsNormalized);
        var outputs = new List<SchemaShape.Column>
        {
            new(_outputColumnName, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single, false, new SchemaShape(annotations)),
        };
        if (!string.IsNullOrEmpty(_options.OutputTokensColumnName))
            outputs.Add(new(_options.OutputTokensColumnName, SchemaShape.Column.VectorKind.VariableVector, TextDataViewType.Instance, false));
        return inputSchema.With(outputs);
    }
}
