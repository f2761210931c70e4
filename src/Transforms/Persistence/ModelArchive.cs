using System.Security.Cryptography;
using System.Text;
using MLNetLlm.Models;

namespace MLNetLlm.Transforms;

/// <summary>One file of the zip, open for reading or writing.</summary>
internal sealed record ArchivePart(Stream Stream, IDisposable Owner) : IDisposable
{
    public void Dispose() => Owner.Dispose();
}

/// <summary>
/// Writes a model into a zip. Readers that take a file of the zip into memory stop at 2 GB, so a larger one goes on in
/// parts, <c>name</c>, <c>name.1</c>, <c>name.2</c>. The list of contents holds each one's length and SHA-256.
/// </summary>
internal sealed class ModelArchiveWriter(Func<string, ArchivePart> create, long partSize = 1L << 30) : ICheckpointStore
{
    private readonly List<ArchiveEntry> entries = [];

    public void Write(string name, Action<Stream> write)
    {
        using var stream = new PartedWriteStream(part => create(ArchiveEntry.PartName(name, part)), partSize);
        write(stream);
        entries.Add(stream.Finish(name));
    }

    /// <summary>Nothing can be read back from a zip that is being written.</summary>
    public bool TryRead(string name, Action<Stream> read) => false;

    public string Describe(string name) => $"'{name}' of the model being saved";

    public void WriteContents(BinaryWriter writer)
    {
        writer.Write(entries.Count);
        foreach (ArchiveEntry entry in entries)
            entry.Write(writer);
    }
}

/// <summary>Reads what <see cref="ModelArchiveWriter"/> wrote, and checks each file's length and SHA-256.</summary>
internal sealed class ModelArchiveReader : ICheckpointStore
{
    private const int MaximumEntries = 1000;

    private readonly Dictionary<string, ArchiveEntry> entries = [];
    private readonly string directory;
    private readonly Func<string, ArchivePart?> open;

    public ModelArchiveReader(BinaryReader contents, string? directory, Func<string, ArchivePart?> open)
    {
        this.directory = string.IsNullOrEmpty(directory) ? "" : $" in '{directory}'";
        this.open = open;
        try
        {
            int count = contents.ReadInt32();
            if (count is < 0 or > MaximumEntries)
                throw new FormatException($"The model zip{this.directory} is damaged: it claims to hold {count} files.");
            for (int i = 0; i < count; i++)
            {
                ArchiveEntry entry = ArchiveEntry.Read(contents);
                entries[entry.Name] = entry;
            }
        }
        catch (EndOfStreamException exception)
        {
            throw new FormatException($"The model zip{this.directory} is damaged: its list of contents is cut off.", exception);
        }
    }

    public void Write(string name, Action<Stream> write) => throw new NotSupportedException("A model that is being loaded cannot be written to.");

    public bool TryRead(string name, Action<Stream> read)
    {
        if (!entries.TryGetValue(name, out ArchiveEntry? entry))
            return false;
        using var stream = new PartedReadStream(part => Open(name, part), entry.Parts);
        read(stream);
        if (!stream.Drain(out long length).AsSpan().SequenceEqual(entry.Hash))
            throw new FormatException($"{Describe(name)} is damaged: {length} bytes whose checksum is not that of the {entry.Length} bytes that were saved.");
        return true;
    }

    public string Describe(string name) => $"'{name}'{directory} of the model zip";

    private ArchivePart Open(string name, int part)
    {
        try
        {
            return open(ArchiveEntry.PartName(name, part)) ?? throw new FormatException($"{Describe(ArchiveEntry.PartName(name, part))} is missing.");
        }
        catch (InvalidDataException exception)
        {
            throw new FormatException($"{Describe(ArchiveEntry.PartName(name, part))} is damaged: {exception.Message}", exception);
        }
    }
}

/// <summary>A line of the list of contents.</summary>
internal sealed record ArchiveEntry(string Name, long Length, int Parts, byte[] Hash)
{
    public static string PartName(string name, int part) => part == 0 ? name : $"{name}.{part}";

    public void Write(BinaryWriter writer)
    {
        byte[] name = Encoding.UTF8.GetBytes(Name);
        writer.Write((ushort)name.Length);
        writer.Write(name);
        writer.Write(Length);
        writer.Write(Parts);
        writer.Write(Hash);
    }

    public static ArchiveEntry Read(BinaryReader reader)
    {
        string name = Encoding.UTF8.GetString(ReadExactly(reader, reader.ReadUInt16()));
        return new ArchiveEntry(name, reader.ReadInt64(), reader.ReadInt32(), ReadExactly(reader, SHA256.HashSizeInBytes));
    }

    private static byte[] ReadExactly(BinaryReader reader, int count)
    {
        byte[] bytes = reader.ReadBytes(count);
        return bytes.Length == count ? bytes : throw new EndOfStreamException();
    }
}
