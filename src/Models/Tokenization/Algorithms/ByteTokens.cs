using System.Globalization;
using System.Text;

namespace MLNetLlm.Models;

/// <summary>SentencePiece's tokens for single bytes, <c>&lt;0x00&gt;</c> to <c>&lt;0xFF&gt;</c>, which spell what the vocabulary lacks.</summary>
internal sealed class ByteTokens
{
    private readonly int[] _ids;

    private ByteTokens(int[] ids) => _ids = ids;

    /// <returns>Null where a byte has no token.</returns>
    public static ByteTokens? Find(IReadOnlyDictionary<string, int> vocabulary)
    {
        int[] ids = new int[256];
        for (int value = 0; value < 256; value++)
        {
            if (!vocabulary.TryGetValue(Spell((byte)value), out ids[value]))
            {
                return null;
            }
        }

        return new ByteTokens(ids);
    }

    public IEnumerable<int> Ids => _ids;

    public static string Spell(byte value) => $"<0x{value:X2}>";

    public static bool TryGetByte(string token, out byte value)
    {
        value = 0;
        return token.Length == 6 && token.StartsWith("<0x", StringComparison.Ordinal) && token[5] == '>'
            && byte.TryParse(token.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
    }

    public void Append(Rune character, List<int> ids)
    {
        Span<byte> bytes = stackalloc byte[4];
        foreach (byte value in bytes[..character.EncodeToUtf8(bytes)])
        {
            ids.Add(_ids[value]);
        }
    }
}
