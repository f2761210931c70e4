using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace MLNetLlm.Models;

/// <summary>Lower case, character by character, whatever the culture.</summary>
internal sealed class LowerCase : ITextNormalizer
{
    public string Normalize(string text) => Of(text);

    // U+0130 is the one character whose lower case is two characters in every language.
    public static string Of(string text) => text.Replace("\u0130", "i\u0307", StringComparison.Ordinal).ToLowerInvariant();
}

/// <summary>Leaves out every combining mark; text in composed form keeps its accents.</summary>
internal sealed class StripAccents : ITextNormalizer
{
    public string Normalize(string text) => Without(text, category =>
        category is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark);

    public static string Without(string text, Func<UnicodeCategory, bool> leaveOut)
    {
        if (Ascii.IsValid(text))
        {
            return text;
        }

        StringBuilder kept = new(text.Length);
        int length;
        for (int place = 0; place < text.Length; place += length)
        {
            Rune rune = Rune.GetRuneAt(text, place);
            length = rune.Utf16SequenceLength;
            if (rune.IsAscii || !leaveOut(Rune.GetUnicodeCategory(rune)))
            {
                kept.Append(text, place, length);
            }
        }

        return kept.ToString();
    }
}

/// <summary>Removes white space at the ends.</summary>
internal sealed class StripWhiteSpace(bool left, bool right) : ITextNormalizer
{
    public string Normalize(string text)
    {
        text = left ? text.TrimStart() : text;
        return right ? text.TrimEnd() : text;
    }
}

/// <summary>Puts a string before every text that is not empty.</summary>
internal sealed class PrependText(string prefix) : ITextNormalizer
{
    public string Normalize(string text) => text.Length == 0 ? text : prefix + text;
}

/// <summary>Replaces a string wherever it occurs.</summary>
internal sealed class ReplaceText(string pattern, string replacement) : ITextNormalizer
{
    public string Normalize(string text) => text.Replace(pattern, replacement, StringComparison.Ordinal);
}

/// <summary>Replaces what an expression matches; the replacement is no template.</summary>
internal sealed class ReplaceMatches(Regex expression, string replacement) : ITextNormalizer
{
    public string Normalize(string text) => expression.Replace(text, _ => replacement);
}

/// <summary>The part of the nmt rules that came before NFKC: no control characters, one kind of space.</summary>
internal sealed class NmtNormalizer : ITextNormalizer
{
    private static readonly SearchValues<char> Removed = SearchValues.Create(
        "\u0001\u0002\u0003\u0004\u0005\u0006\u0007\u0008\u000B\u000E\u000F\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017\u0018\u0019\u001A\u001B\u001C\u001D\u001E\u001F\u007F\u008F\u009F");

    private static readonly SearchValues<char> Spaces = SearchValues.Create("\t\n\u000C\r\u1680\u200B\u200C\u200E\u200F\u2028\u2029\u2581\uFEFF\uFFFD");

    public string Normalize(string text)
    {
        StringBuilder normalized = new(text.Length);
        foreach (char unit in text)
        {
            if (!Removed.Contains(unit))
            {
                normalized.Append(Spaces.Contains(unit) ? ' ' : unit);
            }
        }

        return normalized.ToString();
    }
}
