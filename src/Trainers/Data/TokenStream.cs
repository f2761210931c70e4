namespace MLNetLlm.Trainers;

/// <summary>Texts joined into one stream of token ids.</summary>
internal static class TokenStream
{
    /// <summary>Joins texts, an end-of-text token before the first and after each, as a text is framed for classification too.</summary>
    public static int[] Join(IEnumerable<int[]> texts, int? endOfText)
    {
        var stream = new List<int>();
        foreach (var part in Framed(texts, endOfText))
        {
            stream.AddRange(part);
        }

        return stream.ToArray();
    }

    /// <summary>The parts of the stream one by one: texts, of which empty ones are left out, and the tokens between them.</summary>
    public static IEnumerable<int[]> Framed(IEnumerable<int[]> texts, int? endOfText)
    {
        int[]? mark = endOfText is { } id ? [id] : null;
        var isFirst = true;
        foreach (var text in texts.Where(text => text.Length > 0))
        {
            if (isFirst && mark is not null)
            {
                yield return mark;
            }

            isFirst = false;
            yield return text;
            if (mark is not null)
            {
                yield return mark;
            }
        }
    }
}
