using System.Buffers.Binary;

namespace MLNetLlm.Trainers;

/// <summary>Writes token ids to a new cache file, which is valid only once <see cref="Complete"/> has put its header there.</summary>
internal sealed class TokenCacheWriter : IDisposable
{
    private const int BufferSize = 1 << 18;

    private readonly FileStream file;
    private readonly int bytesPerId;
    private readonly byte[] buffer = new byte[BufferSize];
    private Crc32C checksum;
    private int used;

    public TokenCacheWriter(string path, int bytesPerId)
    {
        this.bytesPerId = bytesPerId;
        file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        file.Write(new byte[TokenCacheHeader.Size]);
    }

    public long Count { get; private set; }

    public void Append(ReadOnlySpan<int> ids)
    {
        foreach (var id in ids)
        {
            if (used == BufferSize)
            {
                Flush();
            }

            if (bytesPerId == sizeof(ushort))
            {
                BinaryPrimitives.WriteUInt16LittleEndian(buffer.AsSpan(used), (ushort)id);
            }
            else
            {
                BinaryPrimitives.WriteInt32LittleEndian(buffer.AsSpan(used), id);
            }

            used += bytesPerId;
        }

        Count += ids.Length;
    }

    /// <summary>Writes the header and sees to it that everything is on the disk.</summary>
    public void Complete(byte[] key)
    {
        Flush();
        file.Position = 0;
        file.Write(new TokenCacheHeader(bytesPerId, Count, key, checksum.Value).ToBytes());
        file.Flush(flushToDisk: true);
    }

    public void Dispose() => file.Dispose();

    private void Flush()
    {
        checksum.Append(buffer.AsSpan(0, used));
        file.Write(buffer, 0, used);
        used = 0;
    }
}
