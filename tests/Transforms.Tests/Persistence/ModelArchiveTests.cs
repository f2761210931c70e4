namespace MLNetLlm.Transforms.Tests;

public sealed class ModelArchiveTests
{
    private readonly Dictionary<string, MemoryStream> files = [];

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(9)]
    [InlineData(10)]
    [InlineData(11)]
    [InlineData(35)]
    public void AFileOfAnyLengthComesBackFromItsParts(int length)
    {
        byte[] content = Enumerable.Range(0, length).Select(i => (byte)i).ToArray();

        ModelArchiveReader reader = Reader(Write(writer => writer.Write("weights", stream => stream.Write(content)), partSize: 10));

        Assert.Equal(content, Read(reader, "weights"));
        Assert.Equal(Math.Max(1, (length + 9) / 10), files.Count);
        Assert.All(files.Values, file => Assert.True(file.ToArray().Length <= 10));
    }

    [Fact]
    public void AFileThatIsNotReadToItsEndIsCheckedAllTheSame()
    {
        byte[] contents = Write(writer => writer.Write("a", stream => stream.Write(new byte[100])));
        files["a"] = new MemoryStream(Changed(files["a"].ToArray(), 99));

        Assert.Throws<FormatException>(() => Reader(contents).TryRead("a", stream => stream.ReadByte()));
    }

    [Fact]
    public void AChangedByteIsFound()
    {
        byte[] contents = Write(writer => writer.Write("a", stream => stream.Write(new byte[100])));
        files["a"] = new MemoryStream(Changed(files["a"].ToArray(), 50));

        var exception = Assert.Throws<FormatException>(() => Read(Reader(contents), "a"));

        Assert.Contains("'a' in 'Model' of the model zip is damaged", exception.Message);
    }

    [Fact]
    public void ACutFileIsFound()
    {
        byte[] contents = Write(writer => writer.Write("a", stream => stream.Write(new byte[100])));
        files["a"] = new MemoryStream(files["a"].ToArray()[..60]);

        var exception = Assert.Throws<FormatException>(() => Read(Reader(contents), "a"));

        Assert.Contains("60 bytes", exception.Message);
        Assert.Contains("100 bytes", exception.Message);
    }

    [Fact]
    public void AMissingPartIsNamed()
    {
        byte[] contents = Write(writer => writer.Write("a", stream => stream.Write(new byte[25])), partSize: 10);
        files.Remove("a.2");

        Assert.Contains("'a.2' in 'Model' of the model zip is missing", Assert.Throws<FormatException>(() => Read(Reader(contents), "a")).Message);
    }

    [Fact]
    public void AFileThatWasNotWrittenIsNotThere() =>
        Assert.False(Reader(Write(writer => writer.Write("a", _ => { }))).TryRead("b", _ => { }));

    [Fact]
    public void ADamagedListOfContentsIsRefusedWithoutAllocating()
    {
        Assert.Throws<FormatException>(() => Reader([1, 2]));
        Assert.Throws<FormatException>(() => Reader([.. BitConverter.GetBytes(int.MaxValue), 0, 0]));
        Assert.Throws<FormatException>(() => Reader([.. BitConverter.GetBytes(3), 255, 255, 0]));
    }

    private byte[] Write(Action<ModelArchiveWriter> write, long partSize = 1 << 20)
    {
        var writer = new ModelArchiveWriter(name =>
        {
            files.Add(name, new MemoryStream());
            return new ArchivePart(files[name], files[name]);
        }, partSize);
        write(writer);
        var contents = new MemoryStream();
        writer.WriteContents(new BinaryWriter(contents));
        return contents.ToArray();
    }

    private ModelArchiveReader Reader(byte[] contents) => new(new BinaryReader(new MemoryStream(contents)), "Model", name =>
        files.TryGetValue(name, out MemoryStream? file) && new MemoryStream(file.ToArray()) is var stream ? new ArchivePart(stream, stream) : null);

    private static byte[] Read(ModelArchiveReader reader, string name)
    {
        var copy = new MemoryStream();
        Assert.True(reader.TryRead(name, stream => stream.CopyTo(copy, 7)));
        return copy.ToArray();
    }

    private static byte[] Changed(byte[] bytes, int index)
    {
        bytes[index] ^= 1;
        return bytes;
    }
}
