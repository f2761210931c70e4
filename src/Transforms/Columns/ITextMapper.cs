using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetLlm.Models;

namespace MLNetLlm.Transforms;

/// <summary>
/// Computes columns from rows of text. Everything else that ML.NET wants of a transformer, <see cref="TextTransform"/>
/// does with it. Must be safe to call from several threads.
/// </summary>
internal interface ITextMapper
{
    string InputColumn { get; }

    /// <summary>Where a row has several texts: their columns, <see cref="InputColumn"/> first.</summary>
    IReadOnlyList<string> InputColumns => [InputColumn];

    IReadOnlyList<OutputColumn> Outputs { get; }

    /// <summary>How many rows a cursor reads ahead, and hands over at once.</summary>
    int RowsAhead { get; }

    /// <summary>Most tokens of a text that are used; null when all are.</summary>
    int? MaximumTokens { get; }

    /// <summary>What computes the rows; null where that is no network.</summary>
    TransformerModel? Network { get; }

    /// <summary>Keeps the model from being released until the returned object is disposed.</summary>
    /// <exception cref="ObjectDisposedException">The transformer was disposed.</exception>
    IDisposable Hold();

    /// <summary>
    /// The values of the outputs for which <paramref name="active"/> is set. The texts are those of the first row, in the order of
    /// <see cref="InputColumns"/>, then those of the second and so on. One array for each, with as many elements as
    /// there are rows, of the column's .NET type.
    /// </summary>
    Array?[] Map(IReadOnlyList<string> texts, IReadOnlyList<bool> active, TruncationReport truncation);
}

/// <summary>A column that a transformer adds.</summary>
/// <param name="Name">Its name; it hides an input column of the same name.</param>
/// <param name="Type">Its type.</param>
/// <param name="Annotate">Its annotations, which may depend on the schema that it is added to.</param>
internal sealed record OutputColumn(string Name, DataViewType Type, Func<DataViewSchema, DataViewSchema.Annotations>? Annotate = null);
