using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace MLNetLlm.Transforms;

/// <summary>Reads a text column into memory.</summary>
internal static class TextColumn
{
    /// <summary>All texts in the order of the rows; a missing one is empty.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The column is missing or not text.</exception>
    public static IReadOnlyList<string> Read(IExceptionContext context, IDataView data, string name)
    {
        DataViewSchema.Column column = ColumnChecks.Text(context, data.Schema, name);
        var texts = new List<string>();
        using DataViewRowCursor cursor = data.GetRowCursor([column]);
        ValueGetter<ReadOnlyMemory<char>> getter = cursor.GetGetter<ReadOnlyMemory<char>>(column);
        ReadOnlyMemory<char> text = default;
        while (cursor.MoveNext())
        {
            getter(ref text);
            texts.Add(text.ToString());
        }
        return texts;
    }
}
