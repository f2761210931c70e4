using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace MLNetLlm.Transforms;

/// <summary>A mapper applied to a schema: the input's columns keep their places, the mapper's come after them.</summary>
internal sealed class ColumnBinding
{
    public ColumnBinding(IExceptionContext context, ITextMapper mapper, DataViewSchema input)
    {
        ArgumentNullException.ThrowIfNull(input);
        Mapper = mapper;
        Input = input;
        Texts = mapper.InputColumns.Select(name => ColumnChecks.Text(context, input, name)).ToArray();
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(input);
        foreach (OutputColumn column in mapper.Outputs)
            builder.AddColumn(column.Name, column.Type, column.Annotate?.Invoke(input));
        Output = builder.ToSchema();
    }

    public ITextMapper Mapper { get; }
    public DataViewSchema Input { get; }
    public DataViewSchema Output { get; }

    /// <summary>The input's text columns that the mapper reads.</summary>
    public IReadOnlyList<DataViewSchema.Column> Texts { get; }

    /// <summary>Which columns of <see cref="Output"/> are among those given.</summary>
    public bool[] Activate(IEnumerable<DataViewSchema.Column> columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        var active = new bool[Output.Count];
        foreach (DataViewSchema.Column column in columns)
            active[Checked(column)] = true;
        return active;
    }

    /// <summary>Which of the mapper's columns are active.</summary>
    public bool[] ActiveOutputs(bool[] active) => active[Input.Count..];

    /// <summary>The input's columns that are needed to give the active ones.</summary>
    public IEnumerable<DataViewSchema.Column> Dependencies(bool[] active)
    {
        bool needsText = ActiveOutputs(active).Contains(true);
        return Input.Where(column => active[column.Index] || (needsText && Texts.Any(text => text.Index == column.Index)));
    }

    /// <summary>The index of a column that is asked for, which must be one of ours.</summary>
    public int Checked(DataViewSchema.Column column) => column.Index < Output.Count && Output[column.Index].Name == column.Name
        ? column.Index
        : throw new ArgumentOutOfRangeException(nameof(column), $"Column '{column.Name}' is not of this schema.");

    /// <summary>Checks what a getter is asked for.</summary>
    public void CheckGetter<TValue>(DataViewSchema.Column column, bool[] active)
    {
        int index = Checked(column);
        if (!active[index])
            throw new ArgumentOutOfRangeException(nameof(column), $"Column '{column.Name}' is not active: it was not asked for when the cursor or row was made.");
        Type expected = Output[index].Type.RawType;
        if (typeof(TValue) != expected)
            throw new InvalidOperationException($"Invalid TValue in GetGetter: '{typeof(TValue)}', expected type: '{expected}'. Column '{column.Name}'.");
    }
}
