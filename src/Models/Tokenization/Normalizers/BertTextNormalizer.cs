using System.Globalization;
using System.Text;

namespace MLNetLlm.Models;

/// <summary>What BERT does to text before words are cut: no control characters, plain spaces, ideographs apart, no accents, lower case.</summary>
/// <remarks>
/// The normalizer of <c>BertTokenizer</c> in Microsoft.ML.Tokenizers differs from the published one: it keeps control
/// characters of category Cf, lowers upper-case letters only, and needs ICU to find accents.
/// </remarks>
internal sealed class BertTextNormalizer(bool cleansText, bool separatesIdeographs, bool stripsAccents, bool lowersCase) : ITextNormalizer
{
    private static readonly (int First, int Last)[] Ideographs =
    [
        (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x2A6DF),
        (0x2A700, 0x2B73F), (0x2B740, 0x2B81F), (0x2B820, 0x2CEAF), (0x2F800, 0x2FA1F),
    ];

    public string Normalize(string text)
    {
        text = CleanAndSeparate(text);
        if (stripsAccents)
        {
            string decomposed = UnicodeForms.Normalize(text, NormalizationForm.FormD);
            text = StripAccents.Without(decomposed, category => category == UnicodeCategory.NonSpacingMark);
        }

        return lowersCase ? LowerCase.Of(text) : text;
    }

    private string CleanAndSeparate(string text)
    {
        StringBuilder cleaned = new(text.Length);
        int place = 0;
        while (place < text.Length)
        {
            // Printable ASCII, of which most text consists, stays as it is.
            int plain = text.AsSpan(place).IndexOfAnyExceptInRange(' ', '~');
            plain = plain < 0 ? text.Length - place : plain;
            cleaned.Append(text, place, plain);
            place += plain;
            if (place == text.Length)
            {
                break;
            }

            Rune rune = Rune.GetRuneAt(text, place);
            place += rune.Utf16SequenceLength;
            if (cleansText && IsRemoved(rune))
            {
                continue;
            }

            if (cleansText && Rune.IsWhiteSpace(rune))
            {
                cleaned.Append(' ');
            }
            else if (separatesIdeographs && IsIdeograph(rune.Value))
            {
                cleaned.Append(' ').Append(rune).Append(' ');
            }
            else
            {
                cleaned.Append(rune);
            }
        }

        return cleaned.ToString();
    }

    private static bool IsRemoved(Rune rune) =>
        rune.Value is 0 or 0xFFFD
        || (rune.Value is not ('\t' or '\n' or '\r') && Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control
            or UnicodeCategory.Format or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned);

    private static bool IsIdeograph(int point) =>
        point >= Ideographs[0].First && Array.Exists(Ideographs, range => point >= range.First && point <= range.Last);
}
