using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace MLNetLlm.Models;

/// <summary>
/// SentencePiece's replacements, usually NFKC with changes: a trie of byte strings in a double array, and a block of
/// replacement texts that each end in a zero byte.
/// </summary>
/// <remarks>Replaces from left to right, each time the longest string that has a replacement, as SentencePiece does.</remarks>
internal sealed class PrecompiledMap : ITextNormalizer
{
    private const uint LabelMask = 0x8000_00FF;

    private readonly uint[] _units;
    private readonly byte[] _replacements;

    // For each ASCII character whether it stays as it is before another one.
    private readonly bool[] _plain = new bool[128];

    /// <exception cref="InvalidDataException">The map is cut off or points outside of itself.</exception>
    public PrecompiledMap(ReadOnlySpan<byte> content, string nameForErrors)
    {
        uint size = content.Length >= sizeof(uint) ? BinaryPrimitives.ReadUInt32LittleEndian(content) : uint.MaxValue;
        if (size > content.Length - sizeof(uint) || size % sizeof(uint) != 0 || size == 0)
        {
            throw new InvalidDataException(
                $"{nameForErrors}: a character map should begin with the length of its trie; found {content.Length} bytes whose first four say {size}.");
        }

        _units = new uint[size / sizeof(uint)];
        for (int i = 0; i < _units.Length; i++)
        {
            _units[i] = BinaryPrimitives.ReadUInt32LittleEndian(content[(sizeof(uint) * (i + 1))..]);
        }

        _replacements = content[(sizeof(uint) + (int)size)..].ToArray();
        for (byte first = 0; first < 128; first++)
        {
            _plain[first] = Enumerable.Range(0, 128).All(second => !Reaches(first, (byte)second)) && Longest([first], out _) == 0;
        }
    }

    public string Normalize(string text)
    {
        byte[] input = Encoding.UTF8.GetBytes(text);
        ArrayBufferWriter<byte> output = new(input.Length + 16);
        int copied = 0;
        for (int start = 0; start < input.Length;)
        {
            if (input[start] < 128 && _plain[input[start]] && start + 1 < input.Length && input[start + 1] < 128)
            {
                start++;
                continue;
            }

            int length = Longest(input.AsSpan(start), out int replacement);
            if (length == 0)
            {
                // On to the next character: a match inside of one would be of another's bytes.
                do
                {
                    start++;
                }
                while (start < input.Length && (input[start] & 0xC0) == 0x80);
                continue;
            }

            output.Write(input.AsSpan(copied..start));
            ReadOnlySpan<byte> rest = _replacements.AsSpan(replacement);
            int end = rest.IndexOf((byte)0);
            output.Write(end < 0 ? rest : rest[..end]);
            start += length;
            copied = start;
        }

        if (copied == 0)
        {
            return text;
        }

        output.Write(input.AsSpan(copied));
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    /// <summary>Whether any string with a replacement begins with these two bytes.</summary>
    private bool Reaches(byte first, byte second)
    {
        uint position = Offset(_units[0]) ^ first;
        if (position >= _units.Length || (_units[position] & LabelMask) != first)
        {
            return false;
        }

        position ^= Offset(_units[position]) ^ second;
        return position < _units.Length && (_units[position] & LabelMask) == second;
    }

    private int Longest(ReadOnlySpan<byte> input, out int replacement)
    {
        const uint HasValue = 0x100;
        int longest = 0;
        replacement = 0;
        uint position = Offset(_units[0]);
        for (int i = 0; i < input.Length; i++)
        {
            position ^= input[i];
            if (position >= _units.Length || (_units[position] & LabelMask) != input[i])
            {
                break;
            }

            uint unit = _units[position];
            position ^= Offset(unit);
            if ((unit & HasValue) != 0 && position < _units.Length && (_units[position] & 0x7FFF_FFFF) is uint place && place < _replacements.Length)
            {
                longest = i + 1;
                replacement = (int)place;
            }
        }

        return longest;
    }

    private static uint Offset(uint unit) => (unit >> 10) << (int)((unit & 0x200) >> 6);
}
