using System.Buffers.Binary;
using System.Text;

namespace Microsoft.ML.Tokenizers;

/// <summary>One field of a message: its number, and its value as a number or as bytes.</summary>
internal readonly record struct ProtocolBufferField(int Number, ulong Value, ReadOnlyMemory<byte> Bytes)
{
    public bool AsBoolean => Value != 0;

    public int AsInt32 => (int)(long)Value;

    public float AsSingle => BitConverter.UInt32BitsToSingle((uint)Value);

    public string AsText => Encoding.UTF8.GetString(Bytes.Span);
}

/// <summary>Reads the wire format of protocol buffers: numbered fields, one after the other.</summary>
internal static class ProtocolBuffer
{
    public static IEnumerable<ProtocolBufferField> Fields(ReadOnlyMemory<byte> message)
    {
        while (!message.IsEmpty)
        {
            ulong tag = ReadVarint(ref message);
            int number = (int)(tag >> 3);
            yield return (tag & 7) switch
            {
                0 => new ProtocolBufferField(number, ReadVarint(ref message), default),
                1 => new ProtocolBufferField(number, BinaryPrimitives.ReadUInt64LittleEndian(Take(ref message, 8).Span), default),
                2 => new ProtocolBufferField(number, 0, Take(ref message, ReadVarint(ref message))),
                5 => new ProtocolBufferField(number, BinaryPrimitives.ReadUInt32LittleEndian(Take(ref message, 4).Span), default),
                ulong kind => throw new InvalidDataException($"The model has a field of the unknown kind {kind}."),
            };
        }
    }

    private static ulong ReadVarint(ref ReadOnlyMemory<byte> message)
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            byte part = Take(ref message, 1).Span[0];
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
            {
                return value;
            }
        }

        throw new InvalidDataException("The model has a number that does not end.");
    }

    private static ReadOnlyMemory<byte> Take(ref ReadOnlyMemory<byte> message, ulong length)
    {
        if (length > (ulong)message.Length)
        {
            throw new InvalidDataException("The model ends in the middle of a field.");
        }

        ReadOnlyMemory<byte> taken = message[..(int)length];
        message = message[(int)length..];
        return taken;
    }
}
