using MLNetLlm.Models;

namespace MLNetLlm.Trainers.Tests.Training;

/// <summary>A checkpoint store on a disk with room for some files only; the next one is written in part.</summary>
internal sealed class FullDiskStore(string directory, Func<bool> hasRoom) : ICheckpointStore
{
    private readonly DirectoryCheckpointStore store = new(directory);

    public void Write(string name, Action<Stream> write) => store.Write(name, stream =>
    {
        if (!hasRoom())
        {
            stream.Write(new byte[100]);
            throw new IOException($"No space left on device : '{describe()}'");
        }

        write(stream);

        string describe() => store.Describe(name);
    });

    public bool TryRead(string name, Action<Stream> read) => store.TryRead(name, read);

    public string Describe(string name) => store.Describe(name);
}
