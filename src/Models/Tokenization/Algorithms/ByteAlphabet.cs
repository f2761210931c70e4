namespace MLNetLlm.Models;

/// <summary>
/// GPT-2's way of writing bytes as text: every byte value has one printable character. Printable Latin-1 characters
/// stand for themselves, the other 68 byte values for U+0100 and up, so a space is 'Ġ' and a line feed 'Ċ'.
/// </summary>
internal static class ByteAlphabet
{
    private static readonly char[] CharacterOfByte = CreateCharacters();
    private static readonly short[] ByteOfCharacter = CreateBytes();

    /// <summary>The 256 characters, in the order of their code points: the order in which Hugging Face numbers them.</summary>
    public static IEnumerable<char> SortedCharacters => CharacterOfByte.Order();

    public static string Spell(byte value) => CharacterOfByte[value].ToString();

    public static string Spell(ReadOnlySpan<byte> bytes)
    {
        char[] characters = new char[bytes.Length];
        for (int i = 0; i < bytes.Length; i++)
        {
            characters[i] = CharacterOfByte[bytes[i]];
        }

        return new string(characters);
    }

    public static bool TryGetByte(char character, out byte value)
    {
        short entry = character < ByteOfCharacter.Length ? ByteOfCharacter[character] : (short)-1;
        value = (byte)entry;
        return entry >= 0;
    }

    private static char[] CreateCharacters()
    {
        char[] characters = new char[256];
        char next = '\u0100';
        for (int value = 0; value < 256; value++)
        {
            bool printable = value is (>= '!' and <= '~') or (>= '\u00A1' and <= '\u00AC') or >= '\u00AE';
            characters[value] = printable ? (char)value : next++;
        }

        return characters;
    }

    private static short[] CreateBytes()
    {
        short[] bytes = new short[CharacterOfByte.Max() + 1];
        Array.Fill(bytes, (short)-1);
        for (short value = 0; value < 256; value++)
        {
            bytes[CharacterOfByte[value]] = value;
        }

        return bytes;
    }
}
