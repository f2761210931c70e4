using System.Buffers;
using System.Text;

namespace MLNetLlm.Models;

/// <summary>Makes any sequence of UTF-16 code units valid Unicode.</summary>
internal static class UnicodeText
{
    /// <summary>Each surrogate without its partner becomes U+FFFD; valid text comes back as it is.</summary>
    public static string ReplaceLoneSurrogates(string text)
    {
        int index = text.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF');
        if (index < 0)
        {
            return text;
        }

        char[]? replaced = null;
        while (index < text.Length)
        {
            if (Rune.DecodeFromUtf16(text.AsSpan(index), out _, out int length) != OperationStatus.Done)
            {
                replaced ??= text.ToCharArray();
                replaced[index] = '\uFFFD';
            }

            index += length;
        }

        return replaced is null ? text : new string(replaced);
    }
}
