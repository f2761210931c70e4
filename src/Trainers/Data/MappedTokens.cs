using System.Buffers;
using System.IO.MemoryMappedFiles;

namespace MLNetLlm.Trainers;

/// <summary>The token ids of a cache file, mapped into memory: the operating system reads the pages that are looked at.</summary>
internal sealed class MappedTokens : ITokenStore, IDisposable
{
    private const int CheckedAtOnce = 1 << 20;

    private readonly MemoryMappedFile file;
    private readonly MemoryMappedViewAccessor view;
    private readonly TokenCacheHeader header;

    private MappedTokens(MemoryMappedFile file, MemoryMappedViewAccessor view, TokenCacheHeader header)
    {
        this.file = file;
        this.view = view;
        this.header = header;
    }

    public long Count => header.Count;

    /// <summary>Opens a file and checks all of it.</summary>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, cut short or another's; the message says which.</exception>
    public static MappedTokens Open(string path, byte[] key)
    {
        // Another process may put a new file in this one's place while it is open.
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        var start = new byte[TokenCacheHeader.Size];
        var header = TokenCacheHeader.Parse(start.AsSpan(0, stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)), stream.Length, key);
        var file = MemoryMappedFile.CreateFromFile(stream, mapName: null, capacity: 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        var tokens = new MappedTokens(file, file.CreateViewAccessor(0, stream.Length, MemoryMappedFileAccess.Read), header);
        try
        {
            tokens.RequireIntact();
            return tokens;
        }
        catch
        {
            tokens.Dispose();
            throw;
        }
    }

    public void Read(long start, Span<int> ids)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start, Count - ids.Length);
        var offset = (ulong)(TokenCacheHeader.Size + start * header.BytesPerId);
        if (header.BytesPerId == sizeof(int))
        {
            view.SafeMemoryMappedViewHandle.ReadSpan(offset, ids);
            return;
        }

        var narrow = ArrayPool<ushort>.Shared.Rent(ids.Length);
        view.SafeMemoryMappedViewHandle.ReadSpan(offset, narrow.AsSpan(0, ids.Length));
        for (var position = 0; position < ids.Length; position++)
        {
            ids[position] = narrow[position];
        }

        ArrayPool<ushort>.Shared.Return(narrow);
    }

    public void Dispose()
    {
        view.Dispose();
        file.Dispose();
    }

    private void RequireIntact()
    {
        var checksum = new Crc32C();
        var buffer = new byte[CheckedAtOnce];
        var length = Count * header.BytesPerId;
        for (long start = 0; start < length; start += CheckedAtOnce)
        {
            var part = buffer.AsSpan(0, (int)Math.Min(CheckedAtOnce, length - start));
            view.SafeMemoryMappedViewHandle.ReadSpan((ulong)(TokenCacheHeader.Size + start), part);
            checksum.Append(part);
        }

        if (checksum.Value != header.Checksum)
        {
            throw new InvalidDataException("the checksum of its ids is wrong");
        }
    }
}
