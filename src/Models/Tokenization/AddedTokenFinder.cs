namespace MLNetLlm.Models;

/// <summary>
/// Separates added tokens from the text between them: first those that stand in the text as it is given, then, in the
/// normalized rest, those that are looked for there.
/// </summary>
internal sealed class AddedTokenFinder
{
    private readonly NormalizerSequence _normalizer;
    private readonly AddedTokenSplitter _asGiven;
    private readonly AddedTokenSplitter _normalized;

    public AddedTokenFinder(IEnumerable<AddedToken> tokens, NormalizerSequence normalizer)
    {
        _normalizer = normalizer;
        ILookup<bool, AddedToken> byStage = tokens.ToLookup(token => token.Normalized && !normalizer.IsEmpty);
        _asGiven = new AddedTokenSplitter(byStage[false].Select(token => (token.Content, token)));
        _normalized = new AddedTokenSplitter(byStage[true].Select(token => (normalizer.Normalize(token.Content), token)));
    }

    public delegate void TextFound(string normalized, bool beginsInput);

    public void Split(string text, Action<AddedToken> tokenFound, TextFound textFound) =>
        Split(_asGiven, text, tokenFound, (part, begins) =>
            Split(_normalized, _normalizer.Normalize(part), tokenFound, (finer, beginsPart) => textFound(finer, begins && beginsPart)));

    private static void Split(AddedTokenSplitter splitter, string text, Action<AddedToken> tokenFound, TextFound textFound)
    {
        int place = 0;
        while (splitter.TryFindNext(text, place, out int start, out int end, out AddedToken? token))
        {
            if (start > place)
            {
                textFound(text[place..start], place == 0);
            }

            tokenFound(token!);
            place = end;
        }

        if (place < text.Length)
        {
            textFound(place == 0 ? text : text[place..], place == 0);
        }
    }
}
