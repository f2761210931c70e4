namespace MLNetLlm.Trainers;

/// <summary>Texts joined into one stream of token ids and cut into windows.</summary>
internal static class TokenStream
{
    /// <summary>Joins texts, an end-of-text token before the first and after each, as a text is framed for classification too.</summary>
    public static int[] Join(IEnumerable<int[]> texts, int? endOfText)
    {
        var stream = new List<int>();
        foreach (var text in texts.Where(text => text.Length > 0))
        {
            if (stream.Count == 0 && endOfText is { } first)
            {
                stream.Add(first);
            }

            stream.AddRange(text);
            if (endOfText is { } last)
            {
                stream.Add(last);
            }
        }

        return stream.ToArray();
    }

    /// <summary>
    /// Windows of at most <paramref name="length"/> tokens. A window starts <paramref name="stride"/> tokens after the one
    /// before; with a stride one below the length every token is predicted exactly once. The first
    /// <paramref name="offset"/> tokens form a shorter window of their own, so that the cuts can differ between epochs.
    /// </summary>
    public static IEnumerable<int[]> Windows(int[] stream, int length, int stride, int offset)
    {
        if (offset > 0 && offset < stream.Length)
        {
            yield return stream[..(offset + 1)];
        }

        for (var start = offset; start < stream.Length - 1; start += stride)
        {
            yield return stream[start..Math.Min(start + length, stream.Length)];
        }
    }
}
