using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Transforms.Text;

/// <summary>Counts of the words of texts, and of sequences of words.</summary>
public sealed class WordBagEstimator : IEstimator<ITransformer>
{
    private readonly IHost _host;
    private readonly string _outputColumnName;
    private readonly string[] _inputColumnNames;
    private readonly Options _options;

    internal WordBagEstimator(IHostEnvironment env, string outputColumnName, string[] inputColumnNames, Options options)
    {
        _host = env.Register(nameof(WordBagEstimator));
        _host.CheckNonEmpty(inputColumnNames, nameof(inputColumnNames));
        _outputColumnName = outputColumnName;
        _inputColumnNames = inputColumnNames;
        _options = options;
    }

    public class Options
    {
        public int NgramLength = 2;
        public int SkipLength;
        public bool UseAllLengths = true;
        public int[] MaximumNgramsCount = [NgramExtractingEstimator.DefaultMaximumNgramsCount];
        public NgramExtractingEstimator.WeightingCriteria Weighting = NgramExtractingEstimator.WeightingCriteria.Tf;

        public Options()
        {
        }
    }

    public ITransformer Fit(IDataView input)
    {
        _host.CheckValue(input, nameof(input));
        var pipeline = new TextPipeline(_host, input);
        string words = pipeline.SplitWords(pipeline.Join(_inputColumnNames));
        pipeline.CountWords(words, _options, _outputColumnName);
        return pipeline.Finish();
    }

    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        _host.CheckValue(inputSchema, nameof(inputSchema));
        foreach (string name in _inputColumnNames)
            TextShapes.RequireText(_host, inputSchema, name);
        SchemaShape annotations = new([Shapes.Annotation(AnnotationKinds.SlotNames, TextDataViewType.Instance)]);
        return inputSchema.With([new SchemaShape.Column(_outputColumnName, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single, false, annotations)]);
    }
}
