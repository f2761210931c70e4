using System.Globalization;
using System.Text;

namespace Microsoft.ML.Data;

/// <summary>Splits the lines of a text file into fields.</summary>
internal sealed class FieldSplitter(TextLoader.Options options)
{
    private readonly char[] _separators = options.Separators;
    private readonly bool _spaceSeparates = options.Separators.Contains(' ');
    private readonly StringBuilder _quoted = new();

    /// <summary>The fields by index; where the line is sparse, absent ones are empty. The second result is the number of fields.</summary>
    public (Dictionary<int, ReadOnlyMemory<char>> Sparse, List<ReadOnlyMemory<char>> Dense, int Count) Split(string text)
    {
        ReadOnlyMemory<char> line = options.TrimWhitespace ? text.AsMemory().TrimEnd() : text.AsMemory();
        var dense = new List<ReadOnlyMemory<char>>();
        Dictionary<int, ReadOnlyMemory<char>> sparse = null;
        int sparseBase = 0;
        int sparseSize = 0;
        int position = 0;
        bool more = true;
        while (more)
        {
            int start = dense.Count;
            more = Next(line, ref position, out ReadOnlyMemory<char> field, out int? index);
            if (index is null)
            {
                if (sparse is not null)
                    break;
                dense.Add(field);
                continue;
            }
            if (sparse is null)
            {
                // The number before the first sparse field is the size of the sparse part, unless the size of lines is given.
                sparse = [];
                if (options.InputSize is { } size && size > 0)
                {
                    sparseBase = start;
                    sparseSize = size - start;
                }
                else if (start > 0 && int.TryParse(dense[start - 1].Span, NumberStyles.None, CultureInfo.InvariantCulture, out sparseSize) && sparseSize > 0)
                {
                    sparseBase = start - 1;
                    dense.RemoveAt(sparseBase);
                }
                else
                {
                    break;
                }
            }
            if (index < sparseSize)
                sparse[sparseBase + index.Value] = field;
        }
        return (sparse, dense, sparse is null ? dense.Count : sparseBase + sparseSize);
    }

    private bool Next(ReadOnlyMemory<char> line, ref int position, out ReadOnlyMemory<char> field, out int? index)
    {
        ReadOnlySpan<char> text = line.Span;
        SkipSpaces(text, ref position);
        index = ReadSparseIndex(text, ref position);
        field = position < text.Length && text[position] == '"' && options.AllowQuoting
            ? ReadQuoted(text, ref position)
            : ReadPlain(line, ref position);
        if (position >= text.Length)
            return false;
        position++;
        return true;
    }

    private void SkipSpaces(ReadOnlySpan<char> text, ref int position)
    {
        while (!_spaceSeparates && position < text.Length && text[position] == ' ')
            position++;
    }

    private int? ReadSparseIndex(ReadOnlySpan<char> text, ref int position)
    {
        const int mostDigits = 9;
        int end = position;
        while (options.AllowSparse && end < text.Length && end - position < mostDigits && char.IsAsciiDigit(text[end]))
            end++;
        if (end == position || end >= text.Length || text[end] != ':')
            return null;
        int index = int.Parse(text[position..end], NumberStyles.None, CultureInfo.InvariantCulture);
        position = end + 1;
        SkipSpaces(text, ref position);
        return index;
    }

    private ReadOnlyMemory<char> ReadPlain(ReadOnlyMemory<char> line, ref int position)
    {
        int start = position;
        int length = line.Span[start..].IndexOfAny(_separators);
        position = length < 0 ? line.Length : start + length;
        return line[start..position];
    }

    // A quote within quotes is doubled, or preceded by the escape character. What is not closed, or followed by more text, is no value.
    private ReadOnlyMemory<char> ReadQuoted(ReadOnlySpan<char> text, ref int position)
    {
        _quoted.Clear();
        bool closed = false;
        for (position++; position < text.Length && !closed; position++)
        {
            char character = text[position];
            char next = position + 1 < text.Length ? text[position + 1] : '\0';
            if (character == options.EscapeChar && next == '"')
                _quoted.Append(text[++position]);
            else if (character == '"')
                closed = true;
            else
                _quoted.Append(character);
        }
        bool valid = closed;
        for (; position < text.Length && !_separators.Contains(text[position]); position++)
            valid &= text[position] == ' ';
        return valid ? _quoted.ToString().AsMemory() : default;
    }
}
