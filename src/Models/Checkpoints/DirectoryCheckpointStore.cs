namespace MLNetLlm.Models;

/// <summary>Checkpoint files in a directory. Each file appears complete or not at all: it is written beside and renamed.</summary>
public sealed class DirectoryCheckpointStore : ICheckpointStore
{
    /// <summary>Uses a directory, which is made when the first file is written.</summary>
    /// <param name="directory">Its path.</param>
    public DirectoryCheckpointStore(string directory)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(directory);
        Directory = directory;
    }

    internal string Directory { get; }

    /// <summary>
    /// Writes several files so that they appear together: all are complete on disk before the first replaces an older one.
    /// </summary>
    public static void WriteTogether(string directory, Action<ICheckpointStore> write)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(directory);
        ArgumentNullException.ThrowIfNull(write);
        var staging = Path.Combine(directory, $".writing-{Guid.NewGuid():N}");
        System.IO.Directory.CreateDirectory(staging);
        try
        {
            write(new DirectoryCheckpointStore(staging));
            foreach (var file in System.IO.Directory.GetFiles(staging))
            {
                File.Move(file, Path.Combine(directory, Path.GetFileName(file)), overwrite: true);
            }
        }
        finally
        {
            System.IO.Directory.Delete(staging, recursive: true);
        }
    }

    /// <inheritdoc/>
    public void Write(string name, Action<Stream> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        System.IO.Directory.CreateDirectory(Directory);
        var target = PathOf(name);
        var temporary = $"{target}.{Guid.NewGuid():N}.partial";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1 << 20))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, target, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <inheritdoc/>
    public bool TryRead(string name, Action<Stream> read)
    {
        ArgumentNullException.ThrowIfNull(read);
        var path = PathOf(name);
        if (!File.Exists(path))
        {
            return false;
        }

        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 20);
        read(stream);
        return true;
    }

    /// <inheritdoc/>
    public string Describe(string name) => $"'{PathOf(name)}'";

    private string PathOf(string name) =>
        name.Length > 0 && Path.GetFileName(name) == name
            ? Path.Combine(Directory, name)
            : throw new ArgumentException($"'{name}' is no file name.", nameof(name));
}
