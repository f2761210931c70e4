using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Transforms;

public sealed class ValueToKeyMappingEstimator : IEstimator<ValueToKeyMappingTransformer>
{
    private readonly IHost _host;
    private readonly (string OutputColumnName, string InputColumnName)[] _columns;
    private readonly int _maximumNumberOfKeys;
    private readonly KeyOrdinality _ordinality;
    private readonly bool _textAnnotations;
    private readonly IDataView _keyData;

    internal ValueToKeyMappingEstimator(IHostEnvironment env, (string OutputColumnName, string InputColumnName)[] columns, int maximumNumberOfKeys,
        KeyOrdinality ordinality, bool textAnnotations, IDataView keyData)
    {
        _host = env.Register(nameof(ValueToKeyMappingEstimator));
        _host.CheckNonEmpty(columns, nameof(columns));
        if (keyData is not null && keyData.Schema.Count != 1)
        {
            throw _host.ExceptParam(nameof(keyData), "If specified, this data view should contain only a single column " +
                $"containing the terms to map, but this had {keyData.Schema.Count} columns.");
        }
        _columns = columns;
        _maximumNumberOfKeys = maximumNumberOfKeys;
        _ordinality = ordinality;
        _textAnnotations = textAnnotations;
        _keyData = keyData;
    }

    /// <summary>The order of keys: that in which values are first seen, or that of the values.</summary>
    public enum KeyOrdinality : byte
    {
        ByOccurrence = 0,
        ByValue = 1,
    }

    public ValueToKeyMappingTransformer Fit(IDataView input)
    {
        _host.CheckValue(input, nameof(input));
        using IChannel channel = _host.Start("Training");
        KeyVocabulary[] vocabularies = _columns.Select(pair =>
        {
            DataViewSchema.Column column = input.Schema.Require(_host, "inputSchema", "input", pair.InputColumnName);
            IDataView source = _keyData ?? input;
            DataViewSchema.Column values = _keyData is null ? column : _keyData.Schema[0];
            if (_keyData is not null && !values.Type.Equals(column.Type.ItemType()))
            {
                throw channel.ExceptUserArg("keyData", "Input data's column must be of type '{0}' but was '{1}'", column.Type.ItemType(), values.Type);
            }
            int limit = _keyData is null ? _maximumNumberOfKeys : int.MaxValue;
            channel.CheckUserArg(limit > 0, "MaxNumTerms", "Must be positive");
            KeyVocabulary vocabulary = KeyVocabulary.Learn(_host, source, values, limit, _ordinality == KeyOrdinality.ByValue);
            if (vocabulary.Count == 0)
                channel.Warning(MessageSensitivity.Schema, "Term map for output column '{0}' contains no entries.", pair.OutputColumnName);
            return vocabulary;
        }).ToArray();
        return new ValueToKeyMappingTransformer(_host, _columns, vocabularies, _textAnnotations);
    }

    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        _host.CheckValue(inputSchema, nameof(inputSchema));
        return inputSchema.With(_columns.Select(pair =>
        {
            SchemaShape.Column source = inputSchema.Require(_host, pair.InputColumnName);
            if (source.ItemType is RowIdDataViewType)
                throw _host.ExceptSchemaMismatch(nameof(inputSchema), "input", pair.InputColumnName);
            if (!source.IsKey || !source.Annotations.TryFindColumn(AnnotationKinds.KeyValues, out SchemaShape.Column keyValues))
                keyValues = Shapes.Annotation(AnnotationKinds.KeyValues, _textAnnotations ? TextDataViewType.Instance : source.ItemType, source.IsKey);
            var annotations = new SchemaShape(Shapes.Pick(source.Annotations, AnnotationKinds.SlotNames).Append(keyValues));
            return new SchemaShape.Column(pair.OutputColumnName, source.Kind, NumberDataViewType.UInt32, true, annotations);
        }));
    }
}
