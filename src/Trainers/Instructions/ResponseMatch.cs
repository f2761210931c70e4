using System.Text;

namespace MLNetLlm.Trainers;

/// <summary>
/// How near a response is to a reference, as the SQuAD benchmark measures it (Rajpurkar et al. 2016): in lower case, without
/// punctuation, English articles and superfluous space.
/// </summary>
internal static class ResponseMatch
{
    private static readonly HashSet<string> Articles = ["a", "an", "the"];

    public static bool IsExact(string response, string reference) => Words(response).SequenceEqual(Words(reference));

    /// <summary>Harmonic mean of the shares of the response's and of the reference's words that the other has too, 0 to 1.</summary>
    public static double F1(string response, string reference)
    {
        var (given, expected) = (Words(response), Words(reference));
        if (given.Count == 0 || expected.Count == 0)
        {
            return given.Count == expected.Count ? 1 : 0;
        }

        var left = expected.GroupBy(word => word).ToDictionary(group => group.Key, group => group.Count());
        var shared = 0;
        foreach (var word in given)
        {
            if (left.TryGetValue(word, out var count) && count > 0)
            {
                left[word] = count - 1;
                shared++;
            }
        }

        return 2.0 * shared / (given.Count + expected.Count);
    }

    private static List<string> Words(string text)
    {
        var plain = new StringBuilder(text.Length);
        foreach (var rune in text.ToLowerInvariant().EnumerateRunes())
        {
            if (!IsPunctuation(rune))
            {
                plain.Append(rune);
            }
        }

        return plain.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Where(word => !Articles.Contains(word)).ToList();
    }

    // The benchmark's own list is ASCII's, in which Unicode counts some as symbols.
    private static bool IsPunctuation(Rune rune) =>
        rune.IsAscii ? char.IsPunctuation((char)rune.Value) || char.IsSymbol((char)rune.Value) : Rune.IsPunctuation(rune);
}
