namespace MLNetLlm.Models;

/// <summary>The content of a tokenizer file in memory, with the name that errors give it.</summary>
internal sealed record TokenizerBytes(ReadOnlyMemory<byte> Content, string Name)
{
    // The largest published vocabularies make files of some 30 MB; far beyond that it is not a tokenizer file.
    private const long MaximumLength = 512L << 20;

    public static TokenizerBytes ReadFile(string path)
    {
        using FileStream stream = File.OpenRead(path);
        return ReadAll(stream, path);
    }

    public static TokenizerBytes ReadAll(Stream stream, string name)
    {
        using MemoryStream content = new();
        byte[] buffer = new byte[1 << 16];
        int count;
        while ((count = stream.Read(buffer)) > 0)
        {
            content.Write(buffer, 0, count);
            if (content.Length > MaximumLength)
            {
                throw new InvalidDataException($"{name}: a tokenizer file should be shorter than {MaximumLength} bytes; this one is longer.");
            }
        }

        ReadOnlyMemory<byte> bytes = content.GetBuffer().AsMemory(0, (int)content.Length);
        bool hasByteOrderMark = bytes.Span.StartsWith<byte>([0xEF, 0xBB, 0xBF]);
        return new TokenizerBytes(hasByteOrderMark ? bytes[3..] : bytes, name);
    }

    public InvalidDataException Damaged(long offset, string message, Exception? cause = null) =>
        new($"{Name}: {message} (byte offset {offset}).", cause);

    /// <summary>The lines with the offset of each one's first byte; line ends are LF or CRLF.</summary>
    public IEnumerable<(int Offset, ReadOnlyMemory<byte> Line)> Lines()
    {
        for (int start = 0; start < Content.Length;)
        {
            int length = Content.Span[start..].IndexOf((byte)'\n');
            int end = length < 0 ? Content.Length : start + length;
            int trimmed = end > start && Content.Span[end - 1] == '\r' ? end - 1 : end;
            yield return (start, Content[start..trimmed]);
            start = end + 1;
        }
    }
}
