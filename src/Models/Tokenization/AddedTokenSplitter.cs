using System.Buffers;

namespace MLNetLlm.Models;

/// <summary>Finds added tokens in text: leftmost first, the longest of those that start at the same place.</summary>
internal sealed class AddedTokenSplitter
{
    private readonly AddedToken[] _longestFirst;
    private readonly SearchValues<string> _contents;

    public AddedTokenSplitter(IEnumerable<AddedToken> tokens)
    {
        _longestFirst = tokens.OrderByDescending(token => token.Content.Length).ToArray();
        _contents = SearchValues.Create(_longestFirst.Select(token => token.Content).ToArray(), StringComparison.Ordinal);
    }

    public bool TryFindFirst(ReadOnlySpan<char> text, out int index, out AddedToken? token)
    {
        index = _longestFirst.Length == 0 ? -1 : text.IndexOfAny(_contents);
        token = null;
        if (index < 0)
        {
            return false;
        }

        foreach (AddedToken candidate in _longestFirst)
        {
            if (text[index..].StartsWith(candidate.Content, StringComparison.Ordinal))
            {
                token = candidate;
                break;
            }
        }

        return token is not null;
    }
}
