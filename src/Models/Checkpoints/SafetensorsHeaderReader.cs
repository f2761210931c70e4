using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace MLNetLlm.Models;

/// <summary>Reads the header of a safetensors file or stream. How long it is, is only a claim until the bytes are there.</summary>
internal static class SafetensorsHeaderReader
{
    /// <summary>What Git leaves in the place of a large file that was not downloaded starts like this.</summary>
    private static ReadOnlySpan<byte> LargeFilePointer => "version "u8;

    public static SafetensorsHeader Read(SafeFileHandle file, string fileName)
    {
        var total = RandomAccess.GetLength(file);
        return Read(
            (offset, target) => RandomAccess.Read(file, target, offset),
            fileName, total);
    }

    public static SafetensorsHeader Read(Stream stream, string fileName) =>
        Read((_, target) => stream.Read(target), fileName, stream.CanSeek ? stream.Length - stream.Position : null);

    private static SafetensorsHeader Read(ReadAt read, string fileName, long? totalLength)
    {
        Span<byte> prefix = stackalloc byte[sizeof(long)];
        if (Fill(read, 0, prefix) < prefix.Length)
        {
            throw SafetensorsHeader.Damaged(fileName, "it ends within the first 8 bytes");
        }

        if (prefix.SequenceEqual(LargeFilePointer))
        {
            throw SafetensorsHeader.Damaged(fileName, "it is a Git LFS pointer, which stands for a file that was not downloaded; run 'git lfs pull'");
        }

        var length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > SafetensorsHeader.MaximumBytes)
        {
            throw SafetensorsHeader.Damaged(fileName, $"its header claims {length} bytes, more than {SafetensorsHeader.MaximumBytes}");
        }

        var header = SafetensorsHeader.Parse(ReadJson(read, (int)length, fileName), fileName);
        if (totalLength is { } total && total != header.DataStart + header.DataLength)
        {
            var last = header.Entries.Count == 0 ? "its header" : $"tensor '{header.Entries[^1].Name}'";
            throw SafetensorsHeader.Damaged(fileName, $"{last} ends at byte {header.DataStart + header.DataLength}, but the file at byte {total}");
        }

        return header;
    }

    private static byte[] ReadJson(ReadAt read, int length, string fileName)
    {
        using var content = new MemoryStream();
        var piece = new byte[Math.Min(length, 1 << 20)];
        while (content.Length < length)
        {
            var part = piece.AsSpan(0, (int)Math.Min(piece.Length, length - content.Length));
            var filled = Fill(read, sizeof(long) + content.Length, part);
            content.Write(part[..filled]);
            if (filled < part.Length)
            {
                throw SafetensorsHeader.Damaged(fileName, $"its header claims {length} bytes, but only {content.Length} follow");
            }
        }

        return content.ToArray();
    }

    private static int Fill(ReadAt read, long offset, Span<byte> target)
    {
        var filled = 0;
        while (filled < target.Length && read(offset + filled, target[filled..]) is > 0 and var count)
        {
            filled += count;
        }

        return filled;
    }

    // A stream knows its place itself.
    private delegate int ReadAt(long offset, Span<byte> target);
}
