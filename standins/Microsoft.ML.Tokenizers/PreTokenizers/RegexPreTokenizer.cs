using System.Text.RegularExpressions;

namespace Microsoft.ML.Tokenizers;

/// <summary>One piece per match; special tokens, where given, are pieces of their own and end the text before them.</summary>
public sealed class RegexPreTokenizer : PreTokenizer
{
    private readonly Regex _regex;
    private readonly Regex? _specialTokens;

    public RegexPreTokenizer(Regex regex, IReadOnlyDictionary<string, int>? specialTokens)
    {
        ArgumentNullException.ThrowIfNull(regex);
        _regex = regex;
        if (specialTokens is { Count: > 0 })
        {
            _specialTokens = new Regex(string.Join('|', specialTokens.Keys.Select(Regex.Escape)), RegexOptions.Compiled);
        }
    }

    public override IEnumerable<(int Offset, int Length)> PreTokenize(string text) =>
        string.IsNullOrEmpty(text) ? [] : Split(text.AsMemory());

    public override IEnumerable<(int Offset, int Length)> PreTokenize(ReadOnlySpan<char> text) =>
        text.IsEmpty ? [] : Split(text.ToArray());

    private IEnumerable<(int Offset, int Length)> Split(ReadOnlyMemory<char> text)
    {
        int start = 0;
        while (_specialTokens is not null && Next(_specialTokens, text, start, text.Length) is (int, int) special)
        {
            for (; Next(_regex, text, start, special.Offset) is (int, int) piece; start = piece.Offset + piece.Length)
            {
                yield return piece;
            }

            yield return special;
            start = special.Offset + special.Length;
        }

        for (; Next(_regex, text, start, text.Length) is (int, int) piece; start = piece.Offset + piece.Length)
        {
            yield return piece;
        }
    }

    // A search looks only at what is left, so an assertion never sees text before the piece or past its end.
    private static (int Offset, int Length)? Next(Regex regex, ReadOnlyMemory<char> text, int start, int end)
    {
        foreach (ValueMatch match in regex.EnumerateMatches(text.Span[start..end]))
        {
            return (start + match.Index, match.Length);
        }

        return null;
    }
}
