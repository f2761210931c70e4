using System.Buffers;
using System.Globalization;
using System.Text;

namespace MLNetLlm.Models;

/// <summary>Finds added tokens in text: leftmost first, the longest of those that start at the same place.</summary>
internal sealed class AddedTokenSplitter
{
    private readonly (string Spelling, AddedToken Token)[] _longestFirst;
    private readonly SearchValues<string>? _spellings;

    public AddedTokenSplitter(IEnumerable<(string Spelling, AddedToken Token)> tokens)
    {
        _longestFirst = tokens.Where(token => token.Spelling.Length > 0).OrderByDescending(token => token.Spelling.Length).ToArray();
        _spellings = _longestFirst.Length == 0
            ? null
            : SearchValues.Create(_longestFirst.Select(token => token.Spelling).Distinct().ToArray(), StringComparison.Ordinal);
    }

    /// <summary>The first token at or after a place, with the white space that it takes along.</summary>
    /// <param name="text">The whole text.</param>
    /// <param name="from">Where to begin; white space before it belongs to another token.</param>
    public bool TryFindNext(ReadOnlySpan<char> text, int from, out int start, out int end, out AddedToken? token)
    {
        for (int search = from; _spellings is not null; search = end)
        {
            int index = text[search..].IndexOfAny(_spellings);
            if (index < 0)
            {
                break;
            }

            start = search + index;
            (string spelling, token) = At(text[start..]);
            end = start + spelling.Length;
            if (token.SingleWord && (EndsInWord(text[..start]) || BeginsWithWord(text[end..])))
            {
                continue;
            }

            start = token.StripsLeft ? Math.Max(from, text[..start].TrimEnd().Length) : start;
            end = token.StripsRight ? text.Length - text[end..].TrimStart().Length : end;
            return true;
        }

        (start, end, token) = (-1, -1, null);
        return false;
    }

    private (string Spelling, AddedToken Token) At(ReadOnlySpan<char> text)
    {
        foreach ((string Spelling, AddedToken Token) candidate in _longestFirst)
        {
            if (text.StartsWith(candidate.Spelling, StringComparison.Ordinal))
            {
                return candidate;
            }
        }

        throw new InvalidOperationException("A spelling was found where none stands.");
    }

    private static bool EndsInWord(ReadOnlySpan<char> text) => Rune.DecodeLastFromUtf16(text, out Rune last, out _) == OperationStatus.Done && IsWord(last);

    private static bool BeginsWithWord(ReadOnlySpan<char> text) => Rune.DecodeFromUtf16(text, out Rune first, out _) == OperationStatus.Done && IsWord(first);

    private static bool IsWord(Rune rune) =>
        Rune.IsLetterOrDigit(rune) || Rune.GetUnicodeCategory(rune) is UnicodeCategory.ConnectorPunctuation or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;
}
