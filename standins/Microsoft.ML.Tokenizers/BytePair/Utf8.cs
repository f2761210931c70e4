namespace Microsoft.ML.Tokenizers;

internal static class Utf8
{
    /// <summary>Encodes the code point at the start of the text; a lone surrogate is encoded like any other code unit.</summary>
    public static int EncodeNext(ReadOnlySpan<char> text, Span<byte> destination)
    {
        int value = text.Length > 1 && char.IsSurrogatePair(text[0], text[1])
            ? char.ConvertToUtf32(text[0], text[1])
            : text[0];
        int count = value switch { < 0x80 => 1, < 0x800 => 2, < 0x10000 => 3, _ => 4 };
        if (count == 1)
        {
            destination[0] = (byte)value;
            return 1;
        }

        for (int i = count - 1; i > 0; i--, value >>= 6)
        {
            destination[i] = (byte)(0x80 | (value & 0x3F));
        }

        destination[0] = (byte)((0xF00 >> count) | value);
        return count;
    }

    /// <summary>Decodes whole sequences; false when a byte can start or continue none. An unfinished last sequence is left.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> bytes, List<char> characters, out int bytesConsumed)
    {
        bytesConsumed = 0;
        while (bytesConsumed < bytes.Length)
        {
            byte first = bytes[bytesConsumed];
            int count = first switch { < 0x80 => 1, >= 0xC0 and < 0xE0 => 2, >= 0xE0 and < 0xF0 => 3, >= 0xF0 and < 0xF8 => 4, _ => 0 };
            if (count == 0)
            {
                return false;
            }

            if (bytesConsumed + count > bytes.Length)
            {
                return true;
            }

            int value = count == 1 ? first : first & (0xFF >> (count + 1));
            for (int i = 1; i < count; i++)
            {
                byte next = bytes[bytesConsumed + i];
                if ((next & 0xC0) != 0x80)
                {
                    return false;
                }

                value = (value << 6) | (next & 0x3F);
            }

            bytesConsumed += count;
            if (value > 0xFFFF)
            {
                value -= 0x10000;
                characters.Add((char)(0xD800 + (value >> 10)));
                value = 0xDC00 + (value & 0x3FF);
            }

            characters.Add((char)value);
        }

        return true;
    }
}
