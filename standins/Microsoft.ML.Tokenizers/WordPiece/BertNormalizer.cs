using System.Globalization;
using System.Text;

namespace Microsoft.ML.Tokenizers;

/// <summary>What BERT does to text before words are cut: no control characters, plain spaces, lower case, ideographs apart.</summary>
internal sealed class BertNormalizer(bool lowerCase, bool individuallyTokenizeCjk, bool removeNonSpacingMarks) : Normalizer
{
    private static readonly (int First, int Last)[] Ideographs =
    [
        (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x2A6DF),
        (0x2A700, 0x2B73F), (0x2B740, 0x2B81F), (0x2B820, 0x2CEAF), (0x2F800, 0x2FA1F),
    ];

    public override string Normalize(ReadOnlySpan<char> original) => Normalize(original.ToString());

    public override string Normalize(string original)
    {
        if (string.IsNullOrEmpty(original))
        {
            return "";
        }

        if (removeNonSpacingMarks)
        {
            original = original.Normalize(NormalizationForm.FormD);
        }

        StringBuilder normalized = new(original.Length);
        int length;
        for (int index = 0; index < original.Length; index += length)
        {
            length = index + 1 < original.Length && char.IsSurrogatePair(original[index], original[index + 1]) ? 2 : 1;
            Append(original.AsSpan(index, length), CharUnicodeInfo.GetUnicodeCategory(original, index), normalized);
        }

        return normalized.ToString().Normalize(NormalizationForm.FormC);
    }

    private void Append(ReadOnlySpan<char> character, UnicodeCategory category, StringBuilder normalized)
    {
        if (character[0] is '\0' or '\uFFFD'
            || category == UnicodeCategory.Control
            || (removeNonSpacingMarks && category == UnicodeCategory.NonSpacingMark))
        {
            return;
        }

        if (category == UnicodeCategory.SpaceSeparator)
        {
            normalized.Append(' ');
        }
        else if (lowerCase && category == UnicodeCategory.UppercaseLetter)
        {
            normalized.Append(character.ToString().ToLowerInvariant());
        }
        else if (individuallyTokenizeCjk && IsIdeograph(character))
        {
            normalized.Append(' ').Append(character).Append(' ');
        }
        else
        {
            normalized.Append(character);
        }
    }

    private static bool IsIdeograph(ReadOnlySpan<char> character)
    {
        int codePoint = character.Length == 2 ? char.ConvertToUtf32(character[0], character[1]) : character[0];
        return Array.Exists(Ideographs, range => codePoint >= range.First && codePoint <= range.Last);
    }
}
