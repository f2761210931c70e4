using System.Text;

namespace Microsoft.ML.Tokenizers;

/// <summary>GPT-2's printable alphabet: one character for each of the 256 byte values.</summary>
internal static class ByteAlphabet
{
    private static readonly char[] Characters = CreateCharacters();
    private static readonly short[] Bytes = CreateBytes();

    /// <summary>Writes one alphabet character per UTF-8 byte, and for each the index of the character it comes from.</summary>
    /// <remarks>A lone surrogate gives the three bytes that its code unit would have; it does not become U+FFFD.</remarks>
    public static string FromText(ReadOnlySpan<char> text, out int[] charIndexOfByte)
    {
        StringBuilder transformed = new(text.Length + 8);
        List<int> indices = new(text.Length + 8);
        Span<byte> bytes = stackalloc byte[4];
        for (int index = 0; index < text.Length; index++)
        {
            int count = Utf8.EncodeNext(text[index..], bytes);
            for (int i = 0; i < count; i++)
            {
                transformed.Append(Characters[bytes[i]]);
                indices.Add(index);
            }

            if (count == 4)
            {
                index++;
            }
        }

        charIndexOfByte = indices.ToArray();
        return transformed.ToString();
    }

    /// <summary>Appends the bytes a token stands for; characters outside of the alphabet stand for their own UTF-8 bytes.</summary>
    public static void AppendBytes(ReadOnlySpan<char> token, List<byte> bytes)
    {
        Span<byte> utf8 = stackalloc byte[4];
        while (!token.IsEmpty)
        {
            if (TryGetByte(token[0], out byte value))
            {
                bytes.Add(value);
                token = token[1..];
                continue;
            }

            Rune.DecodeFromUtf16(token, out Rune rune, out int consumed);
            bytes.AddRange(utf8[..rune.EncodeToUtf8(utf8)]);
            token = token[consumed..];
        }
    }

    public static bool TryGetByte(char character, out byte value)
    {
        short entry = character < Bytes.Length ? Bytes[character] : (short)-1;
        value = (byte)entry;
        return entry >= 0;
    }

    private static char[] CreateCharacters()
    {
        char[] characters = new char[256];
        char next = (char)256;
        for (int value = 0; value < 256; value++)
        {
            bool printable = value is (>= '!' and <= '~') or (>= '\u00A1' and <= '\u00AC') or >= '\u00AE';
            characters[value] = printable ? (char)value : next++;
        }

        return characters;
    }

    private static short[] CreateBytes()
    {
        short[] bytes = new short[Characters.Max() + 1];
        Array.Fill(bytes, (short)-1);
        for (short value = 0; value < 256; value++)
        {
            bytes[Characters[value]] = value;
        }

        return bytes;
    }
}
