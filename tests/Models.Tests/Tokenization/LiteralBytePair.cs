using System.Text;
using System.Text.RegularExpressions;

namespace MLNetLlm.Models.Tests.Tokenization;

/// <summary>The published algorithm word for word: every pair is counted anew for every merge.</summary>
internal static class LiteralBytePair
{
    private static readonly Regex Gpt2Pieces = new(@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+");

    /// <summary>Merged tokens in order, each as its bytes in Latin-1 characters.</summary>
    public static List<(string Left, string Right)> Learn(string text, int mergeCount, int minimumFrequency)
    {
        // Characters of Latin-1 stand for bytes. A byte's number is its place in GPT-2's alphabet sorted by character.
        List<string> tokens = AlphabetOrder().Select(value => ((char)value).ToString()).ToList();
        List<(string[] Symbols, int Count)> words = Gpt2Pieces.Matches(text)
            .GroupBy(match => match.Value)
            .Select(group => (Bytes(group.Key), group.Count()))
            .ToList();
        List<(string, string)> merges = [];
        while (merges.Count < mergeCount)
        {
            Dictionary<(string Left, string Right), int> counts = [];
            foreach ((string[] symbols, int count) in words)
            {
                for (int i = 0; i + 1 < symbols.Length; i++)
                {
                    (string, string) pair = (symbols[i], symbols[i + 1]);
                    counts[pair] = counts.GetValueOrDefault(pair) + count;
                }
            }

            int highest = counts.Values.DefaultIfEmpty().Max();
            if (highest < minimumFrequency)
            {
                break;
            }

            (string Left, string Right) best = counts.Where(entry => entry.Value == highest).Select(entry => entry.Key)
                .MinBy(pair => (tokens.IndexOf(pair.Left), tokens.IndexOf(pair.Right)));
            merges.Add(best);
            if (!tokens.Contains(best.Left + best.Right))
            {
                tokens.Add(best.Left + best.Right);
            }

            words = words.Select(word => (Apply(word.Symbols, best), word.Count)).ToList();
        }

        return merges;
    }

    /// <summary>A text's tokens: in each piece, every merge is applied in the order in which it was learned.</summary>
    public static IEnumerable<string> Encode(string text, IReadOnlyList<(string Left, string Right)> merges) =>
        Gpt2Pieces.Matches(text).SelectMany(match => merges.Aggregate(Bytes(match.Value), Apply));

    private static string[] Apply(string[] symbols, (string Left, string Right) merge)
    {
        List<string> merged = [];
        for (int i = 0; i < symbols.Length; i++)
        {
            bool found = i + 1 < symbols.Length && symbols[i] == merge.Left && symbols[i + 1] == merge.Right;
            merged.Add(found ? merge.Left + merge.Right : symbols[i]);
            i += found ? 1 : 0;
        }

        return merged.ToArray();
    }

    private static string[] Bytes(string text) => Encoding.UTF8.GetBytes(text).Select(value => ((char)value).ToString()).ToArray();

    private static IEnumerable<int> AlphabetOrder()
    {
        IEnumerable<int> printable = Enumerable.Range(0, 256).Where(value => value is (>= 33 and <= 126) or (>= 161 and <= 172) or >= 174);
        return printable.Concat(Enumerable.Range(0, 256).Except(printable));
    }
}
