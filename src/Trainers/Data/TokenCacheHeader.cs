using System.Buffers.Binary;

namespace MLNetLlm.Trainers;

/// <summary>
/// The first bytes of a token cache file. Little-endian: "MLNLTOK\n", version (Int32), bytes an id (Int32), ids (Int64), key
/// (32 bytes), CRC-32C of the ids (UInt32), CRC-32C of everything before (UInt32), zeros up to 128 bytes; then the ids.
/// </summary>
/// <param name="BytesPerId">2 or 4.</param>
/// <param name="Count">Number of ids.</param>
/// <param name="Key">What the file was made of.</param>
/// <param name="Checksum">CRC-32C of the ids.</param>
internal sealed record TokenCacheHeader(int BytesPerId, long Count, byte[] Key, uint Checksum)
{
    public const int Size = 128;
    public const int KeySize = 32;
    private const int Version = 1;
    private const int ChecksumOffset = 24 + KeySize;

    private static ReadOnlySpan<byte> Magic => "MLNLTOK\n"u8;

    public byte[] ToBytes()
    {
        var bytes = new byte[Size];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), Version);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), BytesPerId);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(16), Count);
        Key.CopyTo(bytes.AsSpan(24));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(ChecksumOffset), Checksum);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(ChecksumOffset + 4), Crc32C.Of(bytes.AsSpan(0, ChecksumOffset + 4)).Value);
        return bytes;
    }

    /// <summary>Reads a header and compares it with the file around it.</summary>
    /// <exception cref="InvalidDataException">Says what is wrong with the file.</exception>
    public static TokenCacheHeader Parse(ReadOnlySpan<byte> bytes, long fileLength, byte[] expectedKey)
    {
        Require(bytes.Length == Size && bytes.StartsWith(Magic), "it does not begin as a token cache does");
        Require(
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[(ChecksumOffset + 4)..]) == Crc32C.Of(bytes[..(ChecksumOffset + 4)]).Value,
            "its header's checksum is wrong");
        Require(BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]) == Version, "it is of another version");
        var header = new TokenCacheHeader(
            BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]),
            bytes.Slice(24, KeySize).ToArray(),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[ChecksumOffset..]));
        Require(header.Key.AsSpan().SequenceEqual(expectedKey), "it belongs to other texts or another tokenizer");
        Require(header.BytesPerId is 2 or 4 && fileLength == Size + header.Count * header.BytesPerId, "its length is wrong");
        return header;
    }

    private static void Require(bool holds, string problem)
    {
        if (!holds)
        {
            throw new InvalidDataException(problem);
        }
    }
}
