using System.Buffers.Binary;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using static TorchSharp.torch;

namespace MLNetLlm.Models.Tests.Checkpoints;

/// <summary>What a damaged, hostile or unusual safetensors file does.</summary>
public class SafetensorsRobustnessSpecifications
{
    private const int MutatedBytes = 600;

    [Fact]
    public void AMutatedHeaderIsReadOrRefusedButNeverTakesMuchMemory()
    {
        var original = Written();
        var mutation = from place in Gen.Choose(0, Math.Min(MutatedBytes, original.Length) - 1)
                       from value in Gen.Choose(0, 255)
                       select (place, (byte)value);
        Prop.ForAll(Gen.ListOf(mutation).ToArbitrary(), mutations =>
        {
            var bytes = (byte[])original.Clone();
            foreach (var (place, value) in mutations)
            {
                bytes[place] = value;
            }

            ReadsOrRefuses(bytes);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));
    }

    [Fact]
    public void MutatedHeaderTextIsReadOrRefused()
    {
        const string header = """{"a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},"b":{"dtype":"BOOL","shape":[3],"data_offsets":[16,19]}}""";
        string[] pieces = ["{", "}", "[", "]", ",", ":", "\"", "-1", "0", "9223372036854775807", "99999999999999999999", "1e9", "null", "\"a\"", "\"BF16\"", "\\ud800", "\"shape\"", "\"dtype\""];
        var mutation = from place in Gen.Choose(0, header.Length - 1)
                       from length in Gen.Choose(0, 8)
                       from piece in Gen.Elements(pieces)
                       select (place, length, piece);
        Prop.ForAll(Gen.NonEmptyListOf(mutation).ToArbitrary(), mutations =>
        {
            var text = header;
            foreach (var (place, length, piece) in mutations)
            {
                var start = Math.Min(place, text.Length);
                text = text[..start] + piece + text[Math.Min(start + length, text.Length)..];
            }

            ReadsOrRefuses(File(text, new byte[19]));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));
    }

    public static TheoryData<string, string> UnusualHeaders() => new()
    {
        { "not a JSON object", " {}" },
        { "not a JSON object", "" },
        { "65 dimensions", $$"""{"a":{"dtype":"U8","data_offsets":[0,1],"shape":[{{string.Join(',', Enumerable.Repeat(1, 65))}}]} }""" },
        { "does not fit", """{"a":{"dtype":"F4","shape":[3],"data_offsets":[0,1]}}""" },
        { "does not fit", """{"a":{"dtype":"U8","shape":[0,9223372036854775807,9223372036854775807],"data_offsets":[0,0]}}""" },
        { "not a text", """{"__metadata__":{"steps":3}}""" },
        { "'__metadata__' is not a JSON object", """{"__metadata__":[]}""" },
        { "not valid Unicode", """{"\ud800":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}""" },
        { "Duplicate property 'dtype'", """{"a":{"dtype":"U8","dtype":"U8","shape":[0],"data_offsets":[0,0]}}""" },
        { "1.5 in its shape", """{"a":{"dtype":"U8","shape":[1.5],"data_offsets":[0,0]}}""" },
        { "in its data_offsets", """{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,99999999999999999999]}}""" },
        { "has no dtype", """{"a":{"dtype":7,"shape":[1],"data_offsets":[0,1]}}""" },
        { "not described by a JSON object", """{"a":[]}""" },
        { "maximum configured depth", "{\"a\":" + new string('[', 100) + new string(']', 100) + "}" },
    };

    [Theory]
    [MemberData(nameof(UnusualHeaders))]
    public void AnUnusualHeaderIsRefusedWithTheReason(string reason, string header) =>
        Assert.Contains(reason, Assert.Throws<InvalidDataException>(() => Read(File(header, []))).Message);

    [Fact]
    public void TextThatIsNotUtf8IsRefused()
    {
        byte[] header = [.. "{\""u8, 0xC3, 0x28, .. "\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}"u8];
        Assert.Contains("Unicode", Assert.Throws<InvalidDataException>(() => Read(File(header, []))).Message);
    }

    [Fact]
    public void AGitLargeFilePointerIsTold() => Assert.Contains(
        "git lfs pull",
        Assert.Throws<InvalidDataException>(() => Read("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n"u8.ToArray())).Message);

    [Fact]
    public void TruthValuesAreZeroOrOne()
    {
        using var reader = Read(File("""{"mask":{"dtype":"BOOL","shape":[3],"data_offsets":[0,3]}}""", [0, 1, 2]));
        var message = Assert.Throws<InvalidDataException>(() => reader.ReadTensor(reader.Entries[0])).Message;
        Assert.Contains("element 2 of tensor 'mask'", message);
    }

    [Fact]
    public void EveryBitPatternSurvives()
    {
        using var scope = NewDisposeScope();
        uint[] patterns = [0, 0x8000_0000, 1, 0x8000_0001, 0x007F_FFFF, 0x7F7F_FFFF, 0x0080_0000, 0x7F80_0000, 0xFF80_0000, 0x7FC0_0000, 0x7FA1_2345];
        var expected = tensor(Array.ConvertAll(patterns, BitConverter.UInt32BitsToSingle));
        using var stream = new MemoryStream();
        SafetensorsWriter.Write(stream, [KeyValuePair.Create("a", expected)]);
        stream.Position = 0;
        using var reader = SafetensorsReader.Read(stream, "'a'");
        Assert.Equal(expected.bytes.ToArray(), reader.ReadTensor(reader.Entries[0]).bytes.ToArray());
    }

    [Fact]
    public void NamesAndNotesInAnyScriptSurvive()
    {
        using var scope = NewDisposeScope();
        string[] names = ["слой.0.вес", "層", "😀", "with \"quotes\" and \\", "", "tab\tand\nline"];
        var notes = names.ToDictionary(name => "note " + name, name => name);
        using var stream = new MemoryStream();
        SafetensorsWriter.Write(stream, [.. names.Select(name => KeyValuePair.Create(name, ones(1)))], notes);
        stream.Position = 0;
        using var reader = SafetensorsReader.Read(stream, "'names'");
        Assert.Equal(names, reader.Entries.Select(entry => entry.Name));
        Assert.Equal(notes, reader.Metadata);
    }

    [Theory]
    [InlineData("a")]
    [InlineData("__metadata__")]
    public void ANameIsWrittenOnce(string name)
    {
        using var scope = NewDisposeScope();
        using var stream = new MemoryStream();
        Assert.Contains(name, Assert.Throws<ArgumentException>(() =>
            SafetensorsWriter.Write(stream, [KeyValuePair.Create("a", ones(1)), KeyValuePair.Create(name, ones(1))])).Message);
        Assert.Equal(0, stream.Length);
    }

    [Fact]
    public void TensorsBeyondFourGigabytesAreFound()
    {
        using var scope = NewDisposeScope();
        using var directory = new TemporaryDirectory();
        var path = directory.File("sparse.safetensors");
        const long size = 5_000_000_000;
        var header = $$"""{"big":{"dtype":"U8","shape":[{{size}}],"data_offsets":[0,{{size}}]},"last":{"dtype":"F32","shape":[2],"data_offsets":[{{size}},{{size + 8}}]} }""";
        using (var stream = System.IO.File.Create(path))
        {
            stream.Write(File(header, []));
            var start = stream.Position;
            stream.SetLength(start + size + 8);
            stream.Position = start + size - 3;
            stream.Write([1, 2, 3, .. BitConverter.GetBytes(1.5f), .. BitConverter.GetBytes(-2f)]);
        }

        using var reader = SafetensorsReader.Open(path);
        var bytes = new byte[4];
        reader.ReadBytes(reader.Entries[0], size - 4, bytes);
        Assert.Equal([0, 1, 2, 3], bytes);
        Assert.Equal([1.5f, -2f], TestNetworks.Values(reader.ReadTensor(reader.Entries[1])));
        Assert.Throws<ArgumentOutOfRangeException>(() => reader.ReadBytes(reader.Entries[0], size - 3, bytes));
    }

    [Fact]
    public void ComplexTensorsAreRead()
    {
        using var scope = NewDisposeScope();
        using var reader = Read(File("""{"z":{"dtype":"C64","shape":[1],"data_offsets":[0,8]}}""", [0, 0, 128, 63, 0, 0, 0, 64]));
        Assert.Equal(ScalarType.ComplexFloat32, reader.ReadTensor(reader.Entries[0]).dtype);
    }

    private static void ReadsOrRefuses(byte[] bytes)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            using var scope = NewDisposeScope();
            using var reader = Read(bytes);
            foreach (var entry in reader.Entries)
            {
                reader.ReadTensor(entry);
            }
        }
        catch (InvalidDataException exception)
        {
            Assert.Contains("'mutated'", exception.Message);
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10_000_000);
    }

    private static SafetensorsReader Read(byte[] bytes) => SafetensorsReader.Read(new MemoryStream(bytes), "'mutated'");

    private static byte[] Written()
    {
        using var scope = NewDisposeScope();
        using var stream = new MemoryStream();
        SafetensorsWriter.Write(stream, [
            KeyValuePair.Create("a", ones(2, 2)), KeyValuePair.Create("b", zeros(3, ScalarType.Bool)), KeyValuePair.Create("c", ones(0, ScalarType.BFloat16)),
            KeyValuePair.Create("d", ones(5, ScalarType.Int64)), KeyValuePair.Create("e", tensor(2.0))]);
        return stream.ToArray();
    }

    private static byte[] File(string header, byte[] data) => File(Encoding.UTF8.GetBytes(header), data);

    private static byte[] File(byte[] header, byte[] data)
    {
        var prefix = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(prefix, header.Length);
        return [.. prefix, .. header, .. data];
    }
}
