using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using static TorchSharp.torch;

namespace MLNetLlm.Models;

/// <summary>
/// Reads safetensors files and streams. The header is checked completely before any tensor is read, and memory is reserved
/// for a tensor only when it is read, so a damaged file cannot ask for much.
/// </summary>
public sealed class SafetensorsReader : IDisposable
{
    private readonly SafetensorsHeader header;
    private readonly string fileName;
    private readonly Stream? stream;
    private readonly SafeFileHandle? file;
    private long position;

    private SafetensorsReader(SafetensorsHeader header, string fileName, Stream? stream, SafeFileHandle? file)
    {
        this.header = header;
        this.fileName = fileName;
        this.stream = stream;
        this.file = file;
    }

    /// <summary>The tensors in the order of their bytes.</summary>
    public IReadOnlyList<SafetensorsEntry> Entries => header.Entries;

    /// <summary>The file's own notes.</summary>
    public IReadOnlyDictionary<string, string> Metadata => header.Metadata;

    /// <summary>Opens a file, whose tensors can be read in any order.</summary>
    /// <exception cref="InvalidDataException">It is damaged; the message names the file, the tensor and the offset.</exception>
    public static SafetensorsReader Open(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        var fileName = $"'{path}'";
        var file = File.OpenHandle(path);
        try
        {
            using var start = File.OpenRead(path);
            return new SafetensorsReader(ReadHeader(start, fileName, start.Length), fileName, null, file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Reads a stream that need not be seekable; its tensors must then be read in order, and any may be skipped.</summary>
    /// <param name="stream">At the start of the file; stays open.</param>
    /// <param name="nameForErrors">What error messages call it.</param>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public static SafetensorsReader Read(Stream stream, string nameForErrors)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var header = ReadHeader(stream, nameForErrors, stream.CanSeek ? stream.Length - stream.Position : null);
        return new SafetensorsReader(header, nameForErrors, stream, null);
    }

    /// <summary>Reads a tensor into a new one on the processor.</summary>
    /// <exception cref="InvalidDataException">Its bytes are missing, or it is of a type that no tensor has.</exception>
    /// <exception cref="InvalidOperationException">The reader is on a stream and has passed it already.</exception>
    public Tensor ReadTensor(SafetensorsEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        var known = SafetensorsTypes.Find(entry.Type)
            ?? throw SafetensorsHeader.Damaged(fileName, $"tensor '{entry.Name}' is of type {entry.Type}, expected one of {SafetensorsTypes.Names}");
        if (entry.End - entry.Begin > int.MaxValue)
        {
            throw new NotSupportedException($"{fileName}: tensor '{entry.Name}' has {entry.End - entry.Begin} bytes; at most 2 GB are supported.");
        }

        var tensor = empty(entry.Shape.ToArray(), known.Type);
        try
        {
            if (entry.End > entry.Begin)
            {
                Fill(tensor.bytes, entry);
            }

            return tensor;
        }
        catch
        {
            tensor.Dispose();
            throw;
        }
    }

    /// <summary>Closes a file that <see cref="Open"/> opened.</summary>
    public void Dispose() => file?.Dispose();

    private static SafetensorsHeader ReadHeader(Stream stream, string fileName, long? totalLength)
    {
        Span<byte> prefix = stackalloc byte[sizeof(long)];
        if (stream.ReadAtLeast(prefix, prefix.Length, throwOnEndOfStream: false) < prefix.Length)
        {
            throw SafetensorsHeader.Damaged(fileName, "it ends within the first 8 bytes");
        }

        var length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > SafetensorsHeader.MaximumBytes)
        {
            throw SafetensorsHeader.Damaged(fileName, $"its header claims {length} bytes, more than {SafetensorsHeader.MaximumBytes}");
        }

        var header = SafetensorsHeader.Parse(ReadJson(stream, (int)length, fileName), fileName);
        if (totalLength is { } total && total != header.DataStart + header.DataLength)
        {
            var last = header.Entries.Count == 0 ? "its header" : $"tensor '{header.Entries[^1].Name}'";
            throw SafetensorsHeader.Damaged(fileName, $"{last} ends at byte {header.DataStart + header.DataLength}, but the file at byte {total}");
        }

        return header;
    }

    // In pieces, because the length is only a claim until the bytes are there.
    private static byte[] ReadJson(Stream stream, int length, string fileName)
    {
        using var content = new MemoryStream();
        var piece = new byte[Math.Min(length, 1 << 20)];
        while (content.Length < length)
        {
            var read = stream.Read(piece, 0, (int)Math.Min(piece.Length, length - content.Length));
            if (read == 0)
            {
                throw SafetensorsHeader.Damaged(fileName, $"its header claims {length} bytes, but only {content.Length} follow");
            }

            content.Write(piece, 0, read);
        }

        return content.ToArray();
    }

    private void Fill(Span<byte> target, SafetensorsEntry entry)
    {
        var read = file is not null ? FillFromFile(target, entry) : FillFromStream(target, entry);
        if (read < target.Length)
        {
            throw SafetensorsHeader.Damaged(
                fileName, $"tensor '{entry.Name}' begins at byte {header.DataStart + entry.Begin} and has {target.Length} bytes, but only {read} are there");
        }
    }

    private int FillFromFile(Span<byte> target, SafetensorsEntry entry)
    {
        var filled = 0;
        while (filled < target.Length)
        {
            var read = RandomAccess.Read(file!, target[filled..], header.DataStart + entry.Begin + filled);
            if (read == 0)
            {
                break;
            }

            filled += read;
        }

        return filled;
    }

    private int FillFromStream(Span<byte> target, SafetensorsEntry entry)
    {
        if (entry.Begin < position)
        {
            throw new InvalidOperationException($"{fileName}: tensor '{entry.Name}' was passed already; a stream gives its tensors in order.");
        }

        Skip(entry.Begin - position);
        if (position < entry.Begin)
        {
            return 0;
        }

        var filled = stream!.ReadAtLeast(target, target.Length, throwOnEndOfStream: false);
        position = entry.Begin + filled;
        return filled;
    }

    private void Skip(long count)
    {
        var ignored = new byte[Math.Min(count, 1 << 20)];
        while (count > 0)
        {
            var read = stream!.Read(ignored, 0, (int)Math.Min(ignored.Length, count));
            if (read == 0)
            {
                return;
            }

            count -= read;
            position += read;
        }
    }
}
