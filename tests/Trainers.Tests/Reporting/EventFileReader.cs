using System.Buffers.Binary;
using System.Text;

namespace MLNetLlm.Trainers.Tests.Reporting;

/// <summary>Reads event files by the published formats, sharing nothing with the writer: a checksum bit by bit, fields into a tree.</summary>
internal static class EventFileReader
{
    public static List<Field> Read(string path)
    {
        var bytes = File.ReadAllBytes(path).AsSpan();
        var events = new List<Field>();
        while (bytes.Length > 0)
        {
            var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes);
            Assert.Equal(Masked(bytes[..8]), BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]));
            var data = bytes.Slice(12, length);
            Assert.Equal(Masked(data), BinaryPrimitives.ReadUInt32LittleEndian(bytes[(12 + length)..]));
            events.Add(new Field(data.ToArray()));
            bytes = bytes[(16 + length)..];
        }

        return events;
    }

    public static uint BitwiseCrc32C(ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        foreach (var value in data)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) == 1 ? (crc >> 1) ^ 0x82f63b78 : crc >> 1;
            }
        }

        return ~crc;
    }

    private static uint Masked(ReadOnlySpan<byte> data)
    {
        var crc = BitwiseCrc32C(data);
        return unchecked(((crc >> 15) | (crc << 17)) + 0xa282ead8u);
    }

    /// <summary>The bytes of a protocol buffer's field, which may be a message itself.</summary>
    public sealed record Field(byte[] Bytes)
    {
        public string Text => Encoding.UTF8.GetString(Bytes);

        public double Double => BitConverter.ToDouble(Bytes);

        public float Single => BitConverter.ToSingle(Bytes);

        public long Integer => BitConverter.ToInt64(Bytes);

        public Field this[int number] => All(number).Single();

        public bool Has(int number) => All(number).Count > 0;

        public List<Field> All(int number)
        {
            var found = new List<Field>();
            for (var position = 0; position < Bytes.Length;)
            {
                var key = Varint(ref position);
                var value = (key & 7) switch
                {
                    0 => BitConverter.GetBytes(Varint(ref position)),
                    1 => Take(ref position, 8),
                    2 => Take(ref position, (int)Varint(ref position)),
                    5 => Take(ref position, 4),
                    var type => throw new InvalidDataException($"wire type {type}"),
                };
                if ((int)(key >> 3) == number)
                {
                    found.Add(new Field(value));
                }
            }

            return found;
        }

        private byte[] Take(ref int position, int count)
        {
            position += count;
            return Bytes[(position - count)..position];
        }

        private ulong Varint(ref int position)
        {
            ulong value = 0;
            for (var shift = 0; ; shift += 7)
            {
                var part = Bytes[position++];
                value |= (ulong)(part & 0x7f) << shift;
                if (part < 0x80)
                {
                    return value;
                }
            }
        }
    }
}
