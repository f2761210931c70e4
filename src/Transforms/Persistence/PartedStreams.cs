using System.Security.Cryptography;

namespace MLNetLlm.Transforms;

/// <summary>Writes a stream of any length as parts of limited size, and hashes it on the way.</summary>
internal sealed class PartedWriteStream(Func<int, ArchivePart> create, long partSize) : Stream
{
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private ArchivePart current = create(0);
    private int parts = 1;
    private long lengthOfPart;
    private long length;

    public override bool CanRead => false;
    public override bool CanSeek => false;
    public override bool CanWrite => true;
    public override long Length => length;
    public override long Position { get => length; set => throw new NotSupportedException(); }

    public ArchiveEntry Finish(string name) => new(name, length, parts, hash.GetHashAndReset());

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        hash.AppendData(buffer);
        while (buffer.Length > 0)
        {
            if (lengthOfPart == partSize)
            {
                current.Dispose();
                current = create(parts++);
                lengthOfPart = 0;
            }
            int count = (int)Math.Min(partSize - lengthOfPart, buffer.Length);
            current.Stream.Write(buffer[..count]);
            buffer = buffer[count..];
            lengthOfPart += count;
            length += count;
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));
    public override void Flush() => current.Stream.Flush();
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            current.Dispose();
            hash.Dispose();
        }
        base.Dispose(disposing);
    }
}

/// <summary>Reads parts as one stream, and hashes it on the way.</summary>
internal sealed class PartedReadStream(Func<int, ArchivePart> open, int parts) : Stream
{
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private ArchivePart? current;
    private int opened;
    private long position;

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => position; set => throw new NotSupportedException(); }

    /// <summary>Reads what is left; returns the hash of everything.</summary>
    public byte[] Drain(out long length)
    {
        byte[] rest = new byte[1 << 16];
        while (Read(rest) > 0)
        {
        }
        length = position;
        return hash.GetHashAndReset();
    }

    public override int Read(Span<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            if (current is null)
            {
                if (opened >= parts)
                    return 0;
                current = open(opened++);
            }
            int count = current.Stream.Read(buffer);
            if (count > 0)
            {
                hash.AppendData(buffer[..count]);
                position += count;
                return count;
            }
            current.Dispose();
            current = null;
        }
        return 0;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            current?.Dispose();
            hash.Dispose();
        }
        base.Dispose(disposing);
    }
}
