using System.Buffers.Binary;
using System.Text;

namespace MLNetLlm.Models;

/// <summary>One field of a message: its number, and its value as a number or as bytes.</summary>
/// <param name="Offset">Where the field begins in the file.</param>
internal readonly record struct ProtocolBufferField(int Number, ulong Value, ReadOnlyMemory<byte> Bytes, int Offset)
{
    public bool AsBoolean => Value != 0;

    public int AsInt32 => (int)(long)Value;

    public float AsSingle => BitConverter.UInt32BitsToSingle((uint)Value);

    public string AsText => Encoding.UTF8.GetString(Bytes.Span);
}

/// <summary>Reads the wire format of protocol buffers: numbered fields, one after the other.</summary>
internal ref struct ProtocolBuffer(TokenizerBytes source, ReadOnlyMemory<byte> message, int offset)
{
    private int _position;

    public static ProtocolBuffer Of(TokenizerBytes source) => new(source, source.Content, 0);

    /// <summary>The message that a field holds.</summary>
    public readonly ProtocolBuffer Inside(ProtocolBufferField field) => new(source, field.Bytes, field.Offset);

    public bool TryRead(out ProtocolBufferField field)
    {
        field = default;
        if (_position == message.Length)
        {
            return false;
        }

        int start = offset + _position;
        ulong tag = ReadVarint();
        field = (tag & 7, tag >> 3) switch
        {
            (_, 0 or > int.MaxValue) => throw source.Damaged(start, $"expected a field's number; found {tag >> 3}"),
            (0, ulong number) => new ProtocolBufferField((int)number, ReadVarint(), default, start),
            (1, ulong number) => new ProtocolBufferField((int)number, BinaryPrimitives.ReadUInt64LittleEndian(Take(8).Span), default, start),
            (2, ulong number) => Bytes((int)number),
            (5, ulong number) => new ProtocolBufferField((int)number, BinaryPrimitives.ReadUInt32LittleEndian(Take(4).Span), default, start),
            _ => throw source.Damaged(start, $"expected a field of wire type 0, 1, 2 or 5; found {tag & 7}"),
        };
        return true;
    }

    private ProtocolBufferField Bytes(int number)
    {
        ulong length = ReadVarint();
        int start = offset + _position;
        return new ProtocolBufferField(number, 0, Take(length), start);
    }

    private ulong ReadVarint()
    {
        int start = _position;
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            byte part = Take(1).Span[0];
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
            {
                return value;
            }
        }

        throw source.Damaged(offset + start, "expected a number of at most ten bytes; it does not end");
    }

    private ReadOnlyMemory<byte> Take(ulong length)
    {
        if (length > (ulong)(message.Length - _position))
        {
            throw source.Damaged(offset + _position, $"expected {length} more bytes of a field; found {message.Length - _position}");
        }

        ReadOnlyMemory<byte> taken = message.Slice(_position, (int)length);
        _position += (int)length;
        return taken;
    }
}
