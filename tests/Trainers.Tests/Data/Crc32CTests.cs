using System.Text;

namespace MLNetLlm.Trainers.Tests.Data;

public class Crc32CTests
{
    // The vectors of RFC 3720, B.4, and the check value that catalogues of checksums give.
    public static TheoryData<byte[], uint> KnownValues => new()
    {
        { Encoding.ASCII.GetBytes("123456789"), 0xe3069283 },
        { new byte[32], 0x8a9136aa },
        { Enumerable.Repeat((byte)0xff, 32).ToArray(), 0x62a8ab43 },
        { Enumerable.Range(0, 32).Select(value => (byte)value).ToArray(), 0x46dd794e },
        { [], 0 },
    };

    [Theory]
    [MemberData(nameof(KnownValues))]
    public void Gives_the_published_values(byte[] data, uint expected) => Assert.Equal(expected, Crc32C.Of(data).Value);

    [Fact]
    public void Data_in_parts_has_the_checksum_of_the_whole()
    {
        var data = Enumerable.Range(0, 100).Select(value => (byte)(value * 7)).ToArray();
        var parts = new Crc32C();

        parts.Append(data.AsSpan(0, 13));
        parts.Append(data.AsSpan(13, 1));
        parts.Append(data.AsSpan(14));

        Assert.Equal(Crc32C.Of(data).Value, parts.Value);
    }
}
