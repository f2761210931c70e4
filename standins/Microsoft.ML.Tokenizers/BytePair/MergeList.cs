namespace Microsoft.ML.Tokenizers;

/// <summary>The lines of a merges file: two tokens with one space between them, best merge first.</summary>
internal static class MergeList
{
    public static List<string> Read(Stream stream, string errorPrefix)
    {
        List<string> merges = [];
        StreamReader reader = new(stream);
        for (int lineNumber = 1; reader.ReadLine() is string line; lineNumber++)
        {
            if (line.Length == 0 || line.StartsWith("#version", StringComparison.Ordinal))
            {
                continue;
            }

            if (!TrySplit(line, out _, out _))
            {
                throw new InvalidOperationException($"{errorPrefix}: {lineNumber}");
            }

            merges.Add(line);
        }

        return merges;
    }

    public static bool TrySplit(string merge, out string left, out string right)
    {
        int space = merge.IndexOf(' ');
        bool valid = space >= 0 && space < merge.Length - 1 && merge.IndexOf(' ', space + 1) < 0;
        left = valid ? merge[..space] : "";
        right = valid ? merge[(space + 1)..] : "";
        return valid;
    }
}
