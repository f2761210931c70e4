using System.Buffers.Binary;
using System.Text;
using static TorchSharp.torch;

namespace MLNetLlm.Models.Tests.Checkpoints;

public class SafetensorsSpecifications
{
    [Fact]
    public void EveryNumberTypeComesBackBitForBit()
    {
        using var scope = NewDisposeScope();
        using var directory = new TemporaryDirectory();
        var path = directory.File("all.safetensors");
        var tensors = new[]
        {
            ScalarType.Float32, ScalarType.Float64, ScalarType.Float16, ScalarType.BFloat16, ScalarType.Int64,
            ScalarType.Int32, ScalarType.Byte, ScalarType.Bool,
        }.Select(type => KeyValuePair.Create($"t.{type}", (arange(12, ScalarType.Float32) - 3.25).reshape(3, 4).t().to(type))).ToArray();
        using (var stream = File.Create(path))
        {
            SafetensorsWriter.Write(stream, [.. tensors, KeyValuePair.Create("empty", zeros(0, 3)), KeyValuePair.Create("scalar", tensor(2.5f))]);
        }

        using var fromFile = SafetensorsReader.Open(path);
        using var fromStream = SafetensorsReader.Read(new ForwardOnlyStream(File.ReadAllBytes(path)), "stream");
        Assert.Equal("pt", fromFile.Metadata["format"]);
        foreach (var reader in new[] { fromFile, fromStream })
        {
            foreach (var (name, expected) in tensors)
            {
                var found = reader.ReadTensor(reader.Entries.Single(entry => entry.Name == name));
                Assert.Equal(expected.dtype, found.dtype);
                Assert.Equal([4, 3], found.shape);
                Assert.Equal(expected.contiguous().bytes.ToArray(), found.bytes.ToArray());
            }

            Assert.Equal(2.5f, reader.ReadTensor(reader.Entries.Single(entry => entry.Name == "scalar")).item<float>());
        }

        Assert.Equal(0, (new FileInfo(path).Length - fromFile.Entries[^1].End) % 8);
    }

    [Fact]
    public void AStreamGivesTensorsInOrderOnly()
    {
        using var scope = NewDisposeScope();
        using var reader = SafetensorsReader.Read(new ForwardOnlyStream(Written()), "stream");
        reader.ReadTensor(reader.Entries[1]);
        Assert.Contains("'a'", Assert.Throws<InvalidOperationException>(() => reader.ReadTensor(reader.Entries[0])).Message);
    }

    public static TheoryData<string, string> DamagedHeaders() => new()
    {
        { "not valid JSON", "{\"a\":" },
        { "JSON object", "[1,2]" },
        { "Duplicate property 'a'", """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""" },
        { "no dtype", """{"a":{"shape":[1],"data_offsets":[0,4]}}""" },
        { "no shape", """{"a":{"dtype":"F32","data_offsets":[0,4]}}""" },
        { "data_offsets", """{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""" },
        { "data_offsets", """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}""" },
        { "-1", """{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""" },
        { "does not fit", """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""" },
        { "does not fit", """{"a":{"dtype":"F32","shape":[4611686018427387904,4611686018427387904],"data_offsets":[0,4]}}""" },
        { "'b' begins at offset 2", """{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}""" },
        { "gap before tensor 'a'", """{"a":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}""" },
        { "ends at byte", """{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}}""" },
        { "ends at byte", """{"a":{"dtype":"U8","shape":[900000000000],"data_offsets":[0,900000000000]}}""" },
    };

    [Theory]
    [MemberData(nameof(DamagedHeaders))]
    public void ADamagedHeaderIsRefusedWithFileAndReason(string reason, string header)
    {
        var bytes = Prefixed((ulong)Encoding.UTF8.GetByteCount(header), [.. Encoding.UTF8.GetBytes(header), 1, 2, 3, 4]);
        AssertRefused(bytes, reason);
    }

    [Fact]
    public void ATruncatedFileIsRefused()
    {
        var bytes = Written();
        AssertRefused([], "first 8 bytes");
        AssertRefused(bytes[..7], "first 8 bytes");
        AssertRefused(bytes[..20], "claims");
        AssertRefused(bytes[..^1], "ends at byte");
        AssertRefused([.. bytes, 0], "ends at byte");
    }

    [Fact]
    public void AnEnormousHeaderIsRefusedBeforeMemoryIsReserved()
    {
        AssertRefused(Prefixed(ulong.MaxValue, [1]), "claims 18446744073709551615 bytes");
        var before = GC.GetAllocatedBytesForCurrentThread();
        AssertRefused(Prefixed(99_000_000, [1]), "claims 99000000 bytes");
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10_000_000);
    }

    [Fact]
    public void ATruncatedStreamIsRefusedWithTensorAndOffset()
    {
        using var scope = NewDisposeScope();
        using var reader = SafetensorsReader.Read(new ForwardOnlyStream(Written()[..^6]), "'x.zip'");
        reader.ReadTensor(reader.Entries[0]);
        var message = Assert.Throws<InvalidDataException>(() => reader.ReadTensor(reader.Entries[1])).Message;
        Assert.Contains("'x.zip'", message);
        Assert.Contains("tensor 'b' begins at byte", message);
    }

    [Fact]
    public void AnUnknownNumberTypeMattersOnlyWhenItIsRead()
    {
        var header = """{"a":{"dtype":"F8_E4M3","shape":[4],"data_offsets":[0,4]}}""";
        using var reader = SafetensorsReader.Read(
            new MemoryStream(Prefixed((ulong)header.Length, [.. Encoding.UTF8.GetBytes(header), 1, 2, 3, 4])), "'f8'");
        Assert.Contains("F8_E4M3", Assert.Throws<InvalidDataException>(() => reader.ReadTensor(reader.Entries[0])).Message);
    }

    private static byte[] Written()
    {
        using var scope = NewDisposeScope();
        using var stream = new MemoryStream();
        SafetensorsWriter.Write(stream, [KeyValuePair.Create("a", ones(2, 2)), KeyValuePair.Create("b", zeros(3))]);
        return stream.ToArray();
    }

    private static byte[] Prefixed(ulong length, byte[] rest)
    {
        var prefix = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(prefix, length);
        return [.. prefix, .. rest];
    }

    private static void AssertRefused(byte[] bytes, string reason)
    {
        using var directory = new TemporaryDirectory();
        var path = directory.File("damaged.safetensors");
        File.WriteAllBytes(path, bytes);
        var message = Assert.Throws<InvalidDataException>(() => SafetensorsReader.Open(path)).Message;
        Assert.Contains(path, message);
        Assert.Contains(reason, message);
    }

    /// <summary>What a zip entry gives: a stream without length and position.</summary>
    private sealed class ForwardOnlyStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, 5)]);
    }
}
