using System.Numerics;
using System.Runtime.InteropServices;

namespace MLNetLlm.Trainers;

/// <summary>The CRC-32C checksum (Castagnoli), as iSCSI and TFRecord files use it.</summary>
internal struct Crc32C
{
    // TFRecord masks checksums, so that a checksum of data that holds checksums stays a good one.
    private const uint MaskDelta = 0xa282ead8;

    private uint inverted;

    public readonly uint Value => ~(~0u ^ inverted);

    public readonly uint Masked => ((Value >> 15) | (Value << 17)) + MaskDelta;

    public static Crc32C Of(ReadOnlySpan<byte> data)
    {
        var checksum = new Crc32C();
        checksum.Append(data);
        return checksum;
    }

    public void Append(ReadOnlySpan<byte> data)
    {
        var crc = ~0u ^ inverted;
        var words = MemoryMarshal.Cast<byte, ulong>(data);
        foreach (var word in words)
        {
            crc = BitOperations.Crc32C(crc, word);
        }

        foreach (var value in data[(words.Length * sizeof(ulong))..])
        {
            crc = BitOperations.Crc32C(crc, value);
        }

        inverted = ~0u ^ crc;
    }
}
