using System.Buffers.Binary;
using System.Text;

namespace Microsoft.ML.Tokenizers;

/// <summary>
/// The replacements a model was trained with (usually NFKC): a trie of byte strings in a double array, each with the place
/// of its replacement in a block of texts that end in a zero byte.
/// </summary>
internal sealed class CharacterMap
{
    private readonly uint[] _units;
    private readonly byte[] _replacements;

    public CharacterMap(ReadOnlySpan<byte> content)
    {
        if (content.Length <= sizeof(uint))
        {
            throw new ArgumentException("Blob for normalization rule is broken.");
        }

        uint size = BinaryPrimitives.ReadUInt32LittleEndian(content);
        if (size >= content.Length)
        {
            throw new ArgumentException("Trie data size exceeds the input blob size.");
        }

        _units = new uint[size / sizeof(uint)];
        for (int i = 0; i < _units.Length; i++)
        {
            _units[i] = BinaryPrimitives.ReadUInt32LittleEndian(content[(sizeof(uint) * (i + 1))..]);
        }

        _replacements = content[(sizeof(uint) + (int)size)..].ToArray();
    }

    /// <summary>Replaces from left to right, each time the longest string that has a replacement.</summary>
    public string Apply(string text)
    {
        byte[] input = Encoding.UTF8.GetBytes(text);
        List<byte> output = new(input.Length);
        for (int start = 0; start < input.Length;)
        {
            int length = Longest(input.AsSpan(start), out int replacement);
            if (length == 0)
            {
                Rune.DecodeFromUtf8(input.AsSpan(start), out _, out length);
                output.AddRange(input.AsSpan(start, length));
            }
            else
            {
                int end = Array.IndexOf(_replacements, (byte)0, replacement);
                output.AddRange(_replacements.AsSpan(replacement, (end < 0 ? _replacements.Length : end) - replacement));
            }

            start += length;
        }

        return Encoding.UTF8.GetString(output.ToArray());
    }

    private int Longest(ReadOnlySpan<byte> input, out int replacement)
    {
        int longest = 0;
        replacement = 0;
        uint unit = _units[0];
        uint position = Offset(unit);
        for (int i = 0; i < input.Length; i++)
        {
            position ^= input[i];
            if (position >= _units.Length)
            {
                break;
            }

            unit = _units[position];
            if ((unit & 0x800000FF) != input[i])
            {
                break;
            }

            position ^= Offset(unit);
            if ((unit & 0x100) != 0)
            {
                longest = i + 1;
                replacement = (int)(_units[position] & 0x7FFFFFFF);
            }
        }

        return longest;
    }

    private static uint Offset(uint unit) => (unit >> 10) << (int)((unit & 0x200) >> 6);
}
