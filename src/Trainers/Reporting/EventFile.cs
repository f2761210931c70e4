using System.Buffers.Binary;

namespace MLNetLlm.Trainers;

/// <summary>A file of TFRecords: each a length, its masked checksum, the data and the data's masked checksum.</summary>
internal sealed class EventFile(string path) : IDisposable
{
    private readonly FileStream stream = new(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);

    public void Write(ReadOnlySpan<byte> data)
    {
        var record = new byte[sizeof(ulong) + sizeof(uint) + data.Length + sizeof(uint)];
        BinaryPrimitives.WriteUInt64LittleEndian(record, (ulong)data.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(sizeof(ulong)), Crc32C.Of(record.AsSpan(0, sizeof(ulong))).Masked);
        data.CopyTo(record.AsSpan(sizeof(ulong) + sizeof(uint)));
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(record.Length - sizeof(uint)), Crc32C.Of(data).Masked);
        // One write a record, so that a reader or a killed process never leaves half of one but at the very end.
        stream.Write(record);
    }

    public void Dispose() => stream.Dispose();
}
