using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Column = Microsoft.ML.SchemaShape.Column;

namespace Microsoft.ML.Transforms;

public sealed class ColumnConcatenatingEstimator : IEstimator<ColumnConcatenatingTransformer>
{
    private readonly IHost _host;
    private readonly string _outputColumnName;
    private readonly string[] _inputColumnNames;

    internal ColumnConcatenatingEstimator(IHostEnvironment env, string outputColumnName, params string[] inputColumnNames)
    {
        _host = env.Register(nameof(ColumnConcatenatingEstimator));
        _host.CheckNonEmpty(outputColumnName, nameof(outputColumnName));
        _host.CheckValue(inputColumnNames, nameof(inputColumnNames));
        _host.CheckParam(inputColumnNames.Length > 0, nameof(inputColumnNames), "Input columns not specified");
        _host.CheckParam(!inputColumnNames.Any(string.IsNullOrEmpty), nameof(inputColumnNames), "Contained some null or empty items");
        _outputColumnName = outputColumnName;
        _inputColumnNames = inputColumnNames;
    }

    public ColumnConcatenatingTransformer Fit(IDataView input)
    {
        _host.CheckValue(input, nameof(input));
        return new ColumnConcatenatingTransformer(_host, _outputColumnName, _inputColumnNames);
    }

    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        _host.CheckValue(inputSchema, nameof(inputSchema));
        Column[] inputs = _inputColumnNames.Select(name => inputSchema.Require(_host, name)).ToArray();
        foreach (Column input in inputs)
        {
            if (input.IsKey)
                throw _host.Except($"Column '{input.Name}' is key. Concatenation of keys is unsupported.");
            if (!input.ItemType.Equals(inputs[0].ItemType))
            {
                throw _host.Except($"Concatenated columns should have the same type. Column '{input.Name}' has type of {input.ItemType}, " +
                    $"but expected column type is {inputs[0].ItemType}.");
            }
        }
        var annotations = new List<Column>();
        if (inputs.All(input => input.Annotations.TryFindColumn(AnnotationKinds.IsNormalized, out _)))
            annotations.Add(Shapes.IsNormalized);
        if (inputs.Any(input => input.Kind == Column.VectorKind.Scalar || input.Annotations.TryFindColumn(AnnotationKinds.SlotNames, out _)))
            annotations.Add(Shapes.Annotation(AnnotationKinds.SlotNames, TextDataViewType.Instance));
        Column.VectorKind kind = inputs.Any(input => input.Kind == Column.VectorKind.VariableVector) ? Column.VectorKind.VariableVector : Column.VectorKind.Vector;
        return inputSchema.With([new Column(_outputColumnName, kind, inputs[0].ItemType, false, new SchemaShape(annotations))]);
    }
}
