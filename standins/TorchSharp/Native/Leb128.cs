using System.IO;

namespace TorchSharp;

/// <summary>The variable-length integers of the weight files: seven bits a byte, lowest first.</summary>
internal static class Leb128
{
    internal static void WriteLeb128(this BinaryWriter writer, long value)
    {
        for (var rest = (ulong)value; ; rest >>= 7)
        {
            if (rest < 0x80)
            {
                writer.Write((byte)rest);
                return;
            }
            writer.Write((byte)(rest | 0x80));
        }
    }

    internal static long ReadLeb128(this BinaryReader reader)
    {
        var result = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var part = reader.ReadByte();
            result |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
                return (long)result;
        }
        throw new InvalidDataException("A variable-length integer has more than ten bytes.");
    }
}
