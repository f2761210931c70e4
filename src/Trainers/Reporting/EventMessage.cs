using System.Text;

namespace MLNetLlm.Trainers;

/// <summary>
/// TensorBoard's <c>Event</c> messages. Fields used: Event 1 wall_time, 2 step, 3 file_version, 5 summary; Summary 1 value;
/// Value 1 tag, 2 simple_value, 8 tensor, 9 metadata; SummaryMetadata 1 plugin_data; PluginData 1 plugin_name;
/// TensorProto 1 dtype (7 is a string), 2 tensor_shape, 8 string_val; TensorShapeProto 2 dim; Dim 1 size.
/// </summary>
internal static class EventMessage
{
    private const int StringType = 7;

    public static byte[] Version(double wallTime) => new ProtocolBuffer().Double(1, wallTime).Text(3, "brain.Event:2").ToArray();

    public static byte[] Scalar(double wallTime, long step, string tag, float value) =>
        Event(wallTime, step, new ProtocolBuffer().Text(1, tag).Single(2, value));

    public static byte[] Text(double wallTime, long step, string tag, string text)
    {
        var shape = new ProtocolBuffer().Message(2, new ProtocolBuffer().Integer(1, 1));
        var tensor = new ProtocolBuffer().Integer(1, StringType).Message(2, shape).Text(8, text);
        var metadata = new ProtocolBuffer().Message(1, new ProtocolBuffer().Text(1, "text"));
        return Event(wallTime, step, new ProtocolBuffer().Text(1, tag).Message(8, tensor).Message(9, metadata));
    }

    private static byte[] Event(double wallTime, long step, ProtocolBuffer value) => new ProtocolBuffer()
        .Double(1, wallTime)
        .Integer(2, step)
        .Message(5, new ProtocolBuffer().Message(1, value))
        .ToArray();

    /// <summary>A message in protocol buffers' wire format, field by field.</summary>
    private sealed class ProtocolBuffer
    {
        private const int Varint = 0;
        private const int EightBytes = 1;
        private const int Delimited = 2;
        private const int FourBytes = 5;

        private readonly MemoryStream bytes = new();

        public byte[] ToArray() => bytes.ToArray();

        public ProtocolBuffer Integer(int field, long value)
        {
            Key(field, Varint);
            WriteVarint((ulong)value);
            return this;
        }

        public ProtocolBuffer Double(int field, double value)
        {
            Key(field, EightBytes);
            bytes.Write(BitConverter.GetBytes(value));
            return this;
        }

        public ProtocolBuffer Single(int field, float value)
        {
            Key(field, FourBytes);
            bytes.Write(BitConverter.GetBytes(value));
            return this;
        }

        public ProtocolBuffer Text(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

        public ProtocolBuffer Message(int field, ProtocolBuffer value) => Bytes(field, value.ToArray());

        private ProtocolBuffer Bytes(int field, byte[] value)
        {
            Key(field, Delimited);
            WriteVarint((ulong)value.Length);
            bytes.Write(value);
            return this;
        }

        private void Key(int field, int wireType) => WriteVarint((ulong)((field << 3) | wireType));

        private void WriteVarint(ulong value)
        {
            while (value >= 0x80)
            {
                bytes.WriteByte((byte)(value | 0x80));
                value >>= 7;
            }

            bytes.WriteByte((byte)value);
        }
    }
}
