using System.Globalization;
using System.Text;

namespace MLNetLlm.Models.Tests.Tokenization;

/// <summary>BERT's published tokenization word for word: basic tokenization, then the longest token that fits, again and again.</summary>
internal static class LiteralWordPiece
{
    public static IEnumerable<string> Encode(string text, IReadOnlySet<string> vocabulary, bool lowerCase)
    {
        foreach (string word in BasicWords(text, lowerCase))
        {
            foreach (string token in Pieces(word, vocabulary))
            {
                yield return token;
            }
        }
    }

    private static IEnumerable<string> BasicWords(string text, bool lowerCase)
    {
        StringBuilder spaced = new();
        foreach (Rune rune in text.EnumerateRunes())
        {
            UnicodeCategory category = Rune.GetUnicodeCategory(rune);
            bool space = rune.Value is ' ' or '\t' or '\n' or '\r' || category is UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
            bool control = category is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or UnicodeCategory.Surrogate;
            bool ideograph = rune.Value is (>= 0x4E00 and <= 0x9FFF) or (>= 0x3400 and <= 0x4DBF) or (>= 0xF900 and <= 0xFAFF)
                or (>= 0x20000 and <= 0x2A6DF) or (>= 0x2A700 and <= 0x2B73F) or (>= 0x2B740 and <= 0x2B81F) or (>= 0x2B820 and <= 0x2CEAF) or (>= 0x2F800 and <= 0x2FA1F);
            spaced.Append(space ? " " : rune.Value is 0 or 0xFFFD || control ? "" : ideograph ? $" {rune} " : rune.ToString());
        }

        string cleaned = spaced.ToString();
        if (lowerCase)
        {
            cleaned = string.Concat(LiteralUnicode.Decompose(cleaned).Where(rune => Rune.GetUnicodeCategory(rune) != UnicodeCategory.NonSpacingMark));
            cleaned = string.Concat(cleaned.EnumerateRunes().Select(rune => rune.Value == 0x130 ? "i\u0307" : Rune.ToLowerInvariant(rune).ToString()));
        }

        foreach (string word in cleaned.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            StringBuilder current = new();
            foreach (Rune rune in word.EnumerateRunes())
            {
                bool punctuation = (rune.IsAscii && rune.Value > 32 && rune.Value < 127 && !char.IsAsciiLetterOrDigit((char)rune.Value)) || Rune.IsPunctuation(rune);
                if (!punctuation)
                {
                    current.Append(rune);
                    continue;
                }

                if (current.Length > 0)
                {
                    yield return current.ToString();
                    current.Clear();
                }

                yield return rune.ToString();
            }

            if (current.Length > 0)
            {
                yield return current.ToString();
            }
        }
    }

    private static List<string> Pieces(string word, IReadOnlySet<string> vocabulary)
    {
        string[] characters = word.EnumerateRunes().Select(rune => rune.ToString()).ToArray();
        List<string> pieces = [];
        for (int start = 0; start < characters.Length && characters.Length <= 100;)
        {
            int end = characters.Length;
            string Candidate() => (start > 0 ? "##" : "") + string.Concat(characters[start..end]);
            while (end > start && !vocabulary.Contains(Candidate()))
            {
                end--;
            }

            if (end == start)
            {
                return ["[UNK]"];
            }

            pieces.Add(Candidate());
            start = end;
        }

        return characters.Length <= 100 ? pieces : ["[UNK]"];
    }
}

/// <summary>Canonical decomposition of the letters that the tests use, from their names: a base and its marks.</summary>
internal static class LiteralUnicode
{
    private static readonly Dictionary<int, string> Decompositions = new()
    {
        ['é'] = "e\u0301", ['è'] = "e\u0300", ['ê'] = "e\u0302", ['ä'] = "a\u0308", ['ö'] = "o\u0308", ['ü'] = "u\u0308", ['Ü'] = "U\u0308", ['Ö'] = "O\u0308",
        ['ñ'] = "n\u0303", ['ç'] = "c\u0327", ['å'] = "a\u030A", ['É'] = "E\u0301", ['İ'] = "I\u0307", ['ї'] = "і\u0308", ['й'] = "и\u0306", ['ô'] = "o\u0302",
        ['ệ'] = "e\u0323\u0302", ['ï'] = "i\u0308", ['ú'] = "u\u0301", ['が'] = "か\u3099", ['ば'] = "は\u3099", ['국'] = "\u1100\u116E\u11A8", ['어'] = "\u110B\u1165", ['한'] = "\u1112\u1161\u11AB",
    };

    public static IEnumerable<Rune> Decompose(string text) =>
        text.EnumerateRunes().SelectMany(rune => (Decompositions.GetValueOrDefault(rune.Value) ?? rune.ToString()).EnumerateRunes());
}
