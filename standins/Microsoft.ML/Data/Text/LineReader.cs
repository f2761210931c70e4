using System.Text;

namespace Microsoft.ML.Data;

/// <summary>The rows of text files as lines: without empty lines, comments and headers, joined where a quoted field goes on.</summary>
internal static class LineReader
{
    public static IEnumerable<(string Text, long Number)> ReadRows(TextLoader.Options options, IMultiStreamSource files)
    {
        for (int file = 0; file < files.Count; file++)
        {
            bool skipHeader = options.HasHeader;
            foreach ((string, long) line in ReadLines(options, files, file))
            {
                if (!skipHeader)
                    yield return line;
                skipHeader = false;
            }
        }
    }

    /// <summary>The lines of one file, its header included.</summary>
    public static IEnumerable<(string Text, long Number)> ReadLines(TextLoader.Options options, IMultiStreamSource files, int file)
    {
        using TextReader reader = files.OpenTextReader(file);
        bool atTop = true;
        long number = 0;
        while (reader.ReadLine() is { } line)
        {
            number++;
            if (line.Length == 0 || line.StartsWith("//", StringComparison.Ordinal) || (atTop && line[0] == '#'))
                continue;
            atTop = false;
            if (options.ReadMultilines)
                line = Complete(reader, line, number);
            yield return (line, number);
        }
    }

    private static string Complete(TextReader reader, string first, long number)
    {
        if (first.Count(character => character == '"') % 2 == 0)
            return first;
        var text = new StringBuilder(first);
        string line;
        do
        {
            line = reader.ReadLine() ?? throw new EndOfStreamException($"A quoted field opened on line {number} was never closed, " +
                "and we've read to the last line in the file without finding the closing quote");
            text.Append('\n').Append(line);
        }
        while (line.Count(character => character == '"') % 2 == 0);
        return text.ToString();
    }
}
