namespace MLNetLlm.Models;

/// <summary>
/// Goes through a text word by word and remembers words. Only for vocabularies in which word marks begin tokens and stand
/// nowhere else: then no token reaches across the start of a word.
/// </summary>
/// <param name="appendWord">Finds the tokens of a word.</param>
internal sealed class MarkedWords(MarkedWords.AppendIds appendWord)
{
    private const char WordMark = '\u2581';

    private readonly PieceCache _cache = new();

    public delegate void AppendIds(ReadOnlySpan<char> word, List<int> ids);

    public static bool MarksBegin(IEnumerable<string> tokens) => tokens.All(token => token.TrimStart(WordMark).IndexOf(WordMark) < 0);

    public void Append(ReadOnlySpan<char> text, List<int> ids)
    {
        while (!text.IsEmpty)
        {
            int length = WordLength(text);
            AppendWord(text[..length], ids);
            text = text[length..];
        }
    }

    /// <summary>Marks, then what follows up to the next mark.</summary>
    private static int WordLength(ReadOnlySpan<char> text)
    {
        int letters = text.IndexOfAnyExcept(WordMark);
        int next = letters < 0 ? -1 : text[letters..].IndexOf(WordMark);
        return next < 0 ? text.Length : letters + next;
    }

    private void AppendWord(ReadOnlySpan<char> word, List<int> ids)
    {
        if (!PieceCache.Takes(word))
        {
            appendWord(word, ids);
            return;
        }

        if (!_cache.TryGet(word, out int[] known))
        {
            List<int> own = [];
            appendWord(word, own);
            known = own.ToArray();
            _cache.Add(word, known);
        }

        ids.AddRange(known.AsSpan());
    }
}
