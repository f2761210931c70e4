using Microsoft.Win32.SafeHandles;
using static TorchSharp.torch;

namespace MLNetLlm.Models;

/// <summary>
/// Reads safetensors files and streams. The header is checked completely before any tensor is read, and memory is reserved
/// for a tensor only when it is read, so a damaged file cannot ask for much.
/// </summary>
/// <remarks>
/// A file is read at positions, straight into the tensor's memory. A mapping is no faster, since every page of it costs a
/// fault; its pages count as this process's memory; and a file cut short by another process would end this one.
/// </remarks>
public sealed class SafetensorsReader : IWeightSource
{
    private const int PieceBytes = 1 << 24;

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

    string IWeightSource.Description => fileName;

    bool IWeightSource.IsRandomAccess => file is not null;

    /// <summary>Opens a file, whose tensors can be read in any order and by several threads.</summary>
    /// <param name="path">The file; it stays open until the reader is disposed.</param>
    /// <exception cref="ArgumentException">The path is empty.</exception>
    /// <exception cref="IOException">The file is missing or cannot be opened.</exception>
    /// <exception cref="InvalidDataException">It is damaged; the message names the file, the tensor and the offset.</exception>
    public static SafetensorsReader Open(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        var fileName = $"'{path}'";
        var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, FileOptions.SequentialScan);
        try
        {
            return new SafetensorsReader(SafetensorsHeaderReader.Read(file, fileName), fileName, null, file);
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
        return new SafetensorsReader(SafetensorsHeaderReader.Read(stream, nameForErrors), nameForErrors, stream, null);
    }

    /// <summary>Reads a tensor into a new one on the processor.</summary>
    /// <exception cref="InvalidDataException">Its bytes are missing, or it is of a type that no tensor has.</exception>
    /// <exception cref="InvalidOperationException">The reader is on a stream and has passed it already.</exception>
    public Tensor ReadTensor(SafetensorsEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        var type = SafetensorsTypes.TensorTypeOf(entry.Type)
            ?? throw SafetensorsHeader.Damaged(fileName, $"tensor '{entry.Name}' is of type {entry.Type}, expected one of {SafetensorsTypes.Readable}");
        var tensor = empty(entry.Shape.ToArray(), type);
        try
        {
            new TensorMemory(tensor).ForEachPiece(PieceBytes, (bytes, offset) =>
            {
                ReadBytes(entry, offset, bytes);
                RequireTruthValues(bytes, type, entry, offset);
            });
            return tensor;
        }
        catch
        {
            tensor.Dispose();
            throw;
        }
    }

    /// <summary>Reads some of a tensor's bytes, for tensors that need not be in memory as a whole.</summary>
    /// <param name="entry">The tensor, one of <see cref="Entries"/>.</param>
    /// <param name="offset">First byte, counted from the tensor's first.</param>
    /// <param name="target">As many bytes as are wanted.</param>
    /// <exception cref="ArgumentOutOfRangeException">The tensor does not have that many bytes.</exception>
    /// <exception cref="InvalidDataException">They are missing from the file.</exception>
    /// <exception cref="InvalidOperationException">The reader is on a stream and has passed them already.</exception>
    public void ReadBytes(SafetensorsEntry entry, long offset, Span<byte> target)
    {
        ArgumentNullException.ThrowIfNull(entry);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, entry.ByteCount - target.Length);
        var read = file is not null
            ? FillFromFile(target, header.DataStart + entry.Begin + offset)
            : FillFromStream(target, entry, entry.Begin + offset);
        if (read < target.Length)
        {
            throw SafetensorsHeader.Damaged(
                fileName,
                $"tensor '{entry.Name}' begins at byte {header.DataStart + entry.Begin} and has {entry.ByteCount} bytes, but only {offset + read} are there");
        }
    }

    /// <summary>Closes a file that <see cref="Open"/> opened.</summary>
    public void Dispose() => file?.Dispose();

    string IWeightSource.FileOf(SafetensorsEntry entry) => fileName;

    // Any other byte in a tensor of truth values is undefined behaviour in libtorch.
    private void RequireTruthValues(ReadOnlySpan<byte> bytes, ScalarType type, SafetensorsEntry entry, long offset)
    {
        if (type == ScalarType.Bool && bytes.IndexOfAnyExceptInRange((byte)0, (byte)1) is >= 0 and var index)
        {
            throw SafetensorsHeader.Damaged(fileName, $"element {offset + index} of tensor '{entry.Name}' of type BOOL is {bytes[index]}, expected 0 or 1");
        }
    }

    private int FillFromFile(Span<byte> target, long start)
    {
        var filled = 0;
        while (filled < target.Length)
        {
            var read = RandomAccess.Read(file!, target[filled..], start + filled);
            if (read == 0)
            {
                break;
            }

            filled += read;
        }

        return filled;
    }

    private int FillFromStream(Span<byte> target, SafetensorsEntry entry, long start)
    {
        if (start < position)
        {
            throw new InvalidOperationException($"{fileName}: tensor '{entry.Name}' was passed already; a stream gives its tensors in order.");
        }

        Skip(start - position);
        if (position < start)
        {
            return 0;
        }

        var filled = stream!.ReadAtLeast(target, target.Length, throwOnEndOfStream: false);
        position = start + filled;
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
