using System.Text.RegularExpressions;

namespace Microsoft.ML.Tokenizers;

public abstract partial class PreTokenizer
{
    internal const int MatchTimeoutMilliseconds = 30_000;

    private static readonly PreTokenizer WhiteSpace = new RegexPreTokenizer(WhiteSpaceRegex(), null);
    private static readonly PreTokenizer WordOrNonWord = new RegexPreTokenizer(WordOrNonWordRegex(), null);
    private static readonly PreTokenizer WordOrPunctuation = new RegexPreTokenizer(WordOrPunctuationRegex(), null);

    protected PreTokenizer()
    {
    }

    public static PreTokenizer CreateWhiteSpace(IReadOnlyDictionary<string, int>? specialTokens = null) =>
        specialTokens is null ? WhiteSpace : new RegexPreTokenizer(WhiteSpaceRegex(), specialTokens);

    public static PreTokenizer CreateWordOrNonWord(IReadOnlyDictionary<string, int>? specialTokens = null) =>
        specialTokens is null ? WordOrNonWord : new RegexPreTokenizer(WordOrNonWordRegex(), specialTokens);

    public static PreTokenizer CreateWordOrPunctuation(IReadOnlyDictionary<string, int>? specialTokens = null) =>
        specialTokens is null ? WordOrPunctuation : new RegexPreTokenizer(WordOrPunctuationRegex(), specialTokens);

    public abstract IEnumerable<(int Offset, int Length)> PreTokenize(string text);

    public abstract IEnumerable<(int Offset, int Length)> PreTokenize(ReadOnlySpan<char> text);

    [GeneratedRegex(@"\S+", RegexOptions.None, MatchTimeoutMilliseconds)]
    private static partial Regex WhiteSpaceRegex();

    [GeneratedRegex(@"\w+|[^\w\s]+", RegexOptions.None, MatchTimeoutMilliseconds)]
    private static partial Regex WordOrNonWordRegex();

    [GeneratedRegex(@"\w+|[\p{P}]", RegexOptions.None, MatchTimeoutMilliseconds)]
    private static partial Regex WordOrPunctuationRegex();
}
