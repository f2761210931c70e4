using System.Text;

namespace MLNetLlm.Models.Tests.Checkpoints;

/// <summary>What a directory holds when a save failed or its process was killed, at every point where that can happen.</summary>
public class InterruptedSaveSpecifications : IDisposable
{
    private static readonly string[] OldFiles = ["config.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors", "model.safetensors.index.json"];
    private static readonly string[] NewFiles = ["config.json", "model.safetensors", "tokenizer.json"];

    private readonly TemporaryDirectory directory = new();

    public InterruptedSaveSpecifications() => Save("old", OldFiles);

    public void Dispose() => directory.Dispose();

    [Fact]
    public void AFailedWriteLeavesTheOldFilesAndNothingElse()
    {
        Assert.Throws<IOException>(() => DirectoryCheckpointStore.WriteTogether(directory.Path, store =>
        {
            store.Write("config.json", stream => stream.Write("new"u8));
            store.Write("model.safetensors", stream =>
            {
                stream.Write("ne"u8);
                throw new IOException("disk full");
            });
        }));
        Assert.Equal(OldFiles, Names());
        Assert.All(OldFiles, name => Assert.Equal("old", Read(name)));
    }

    [Fact]
    public void AProcessKilledWhileItWritesLeavesTheOldFiles()
    {
        // What was being written is never looked at.
        Directory.CreateDirectory(directory.File(".saving"));
        File.WriteAllText(Path.Combine(directory.File(".saving"), "model.safetensors"), "ne");
        Assert.All(OldFiles, name => Assert.Equal("old", Read(name)));
        Assert.Null(Read("model.safetensors"));
        Save("new", NewFiles);
        AssertNew();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void AProcessKilledWhileItMovesFilesLeavesTheNewOnes(int moved)
    {
        Interrupt(moved);
        Assert.All(NewFiles, name => Assert.Equal("new", Read(name)));
        Assert.All(OldFiles.Except(NewFiles), name => Assert.Null(Read(name)));
        Assert.Equal("kept", Read("notes.txt"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(3)]
    public void TheNextSaveFinishesTheInterruptedOneFirst(int moved)
    {
        Interrupt(moved);
        Assert.Throws<IOException>(() => DirectoryCheckpointStore.WriteTogether(directory.Path, _ => throw new IOException("disk full")));
        AssertNew();
    }

    [Fact]
    public void AnInterruptedSaveOfASingleFileLeavesTheOldOne()
    {
        var store = new DirectoryCheckpointStore(directory.Path);
        Assert.Throws<IOException>(() => store.Write("config.json", stream =>
        {
            stream.Write("n"u8);
            throw new IOException("disk full");
        }));
        Assert.Equal("old", Read("config.json"));
        Assert.Equal(OldFiles, Names());
    }

    [Fact]
    public void TwoSavesAtOnceAreRefused()
    {
        var message = "";
        DirectoryCheckpointStore.WriteTogether(directory.Path, store =>
        {
            message = Assert.Throws<IOException>(() => Save("other", NewFiles)).Message;
            store.Write("config.json", stream => stream.Write("new"u8));
        });
        Assert.Contains(directory.Path, message);
        Assert.Equal("new", Read("config.json"));
    }

    [Fact]
    public void AReaderGoesOnWithTheFilesItOpened()
    {
        var store = new DirectoryCheckpointStore(directory.Path);
        store.TryRead("config.json", stream =>
        {
            Save("new", NewFiles);
            Assert.Equal("old", new StreamReader(stream).ReadToEnd());
        });
        Assert.Equal("new", Read("config.json"));
    }

    [Fact]
    public async Task AReaderBesideAWriterAlwaysFindsAFile()
    {
        using var done = new CancellationTokenSource();
        var store = new DirectoryCheckpointStore(directory.Path);
        var reading = Task.Run(() =>
        {
            while (!done.IsCancellationRequested)
            {
                Assert.True(store.TryRead("config.json", stream => Assert.Contains(new StreamReader(stream).ReadToEnd(), new[] { "old", "new" })));
            }
        });
        for (var i = 0; i < 100 && !reading.IsCompleted; i++)
        {
            Save(i % 2 == 0 ? "new" : "old", NewFiles);
        }

        await done.CancelAsync();
        await reading;
    }

    [Fact]
    public void FilesWithoutWeightsLeaveTheWeights()
    {
        Save("new", ["config.json"]);
        Assert.Equal(OldFiles, Names());
        Assert.Equal("old", Read("model.safetensors.index.json"));
    }

    // The state after some of the new files were moved to their places.
    private void Interrupt(int moved)
    {
        File.WriteAllText(directory.File("notes.txt"), "kept");
        var saved = Directory.CreateDirectory(directory.File(".saved")).FullName;
        File.WriteAllLines(Path.Combine(saved, ".contents"), NewFiles);
        foreach (var (name, index) in NewFiles.Select((name, index) => (name, index)))
        {
            File.WriteAllText(index < moved ? directory.File(name) : Path.Combine(saved, name), "new");
        }
    }

    private void AssertNew()
    {
        Assert.Equal(NewFiles, Names().Where(name => name != "notes.txt"));
        Assert.All(NewFiles, name => Assert.Equal("new", File.ReadAllText(directory.File(name))));
    }

    private void Save(string content, string[] names) => DirectoryCheckpointStore.WriteTogether(directory.Path, store =>
    {
        foreach (var name in names)
        {
            store.Write(name, stream => stream.Write(Encoding.UTF8.GetBytes(content)));
        }
    });

    private string? Read(string name)
    {
        string? content = null;
        new DirectoryCheckpointStore(directory.Path).TryRead(name, stream => content = new StreamReader(stream).ReadToEnd());
        return content;
    }

    private string[] Names() => [.. Directory.GetFileSystemEntries(directory.Path).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];
}
