using System.Collections;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNetLlm.Transforms;

namespace MLNetLlm.Trainers;

/// <summary>The texts of a column, read anew from the data view, row by row, each time they are enumerated.</summary>
internal sealed class CorpusRows : IEnumerable<string>
{
    private const int RowsBetweenChecks = 1024;

    private readonly IDataView data;
    private readonly DataViewSchema.Column column;
    private readonly RowSelection selection;
    private readonly Action throwIfCanceled;

    /// <exception cref="ArgumentOutOfRangeException">The column is missing or not text.</exception>
    public CorpusRows(IExceptionContext context, IDataView data, string columnName, RowSelection selection, Action throwIfCanceled)
    {
        this.data = data;
        this.selection = selection;
        this.throwIfCanceled = throwIfCanceled;
        column = ColumnChecks.Text(context, data.Schema, columnName);
    }

    public string ColumnName => column.Name;

    public IEnumerator<string> GetEnumerator()
    {
        using var cursor = data.GetRowCursor([column]);
        var getter = cursor.GetGetter<ReadOnlyMemory<char>>(column);
        ReadOnlyMemory<char> text = default;
        for (long row = 0; cursor.MoveNext(); row++)
        {
            if (row % RowsBetweenChecks == 0)
            {
                throwIfCanceled();
            }

            if (selection.Includes(row))
            {
                getter(ref text);
                // A copy, because the buffer behind the value belongs to the cursor.
                yield return text.ToString();
            }
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
