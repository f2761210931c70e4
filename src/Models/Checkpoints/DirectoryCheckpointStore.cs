namespace MLNetLlm.Models;

/// <summary>Checkpoint files in a directory. Each file appears complete or not at all: it is written beside and renamed.</summary>
public sealed class DirectoryCheckpointStore : ICheckpointStore
{
    /// <summary>The usual limit of a weight file, 5 GB; larger checkpoints are written in shards.</summary>
    public const long DefaultMaximumShardBytes = 5_000_000_000;

    // Between finding a file and opening it, another process may move it to where it belongs.
    private const int Attempts = 5;

    /// <summary>Uses a directory, which is made when the first file is written.</summary>
    /// <param name="directory">Its path.</param>
    /// <param name="maximumShardBytes">Weights of more bytes are written in shards; a larger tensor gets one of its own.</param>
    public DirectoryCheckpointStore(string directory, long maximumShardBytes = DefaultMaximumShardBytes)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(directory);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maximumShardBytes);
        Directory = directory;
        MaximumShardBytes = maximumShardBytes;
    }

    internal string Directory { get; }

    internal long MaximumShardBytes { get; }

    /// <summary>
    /// Writes several files so that they appear together: a reader finds all of the old ones or all of the new ones, even
    /// after the process was killed in between. Weight files that the new ones replace under other names are deleted.
    /// </summary>
    /// <param name="directory">Its path.</param>
    /// <param name="write">Writes all files.</param>
    /// <param name="maximumShardBytes">Weights of more bytes are written in shards.</param>
    /// <exception cref="IOException">The files cannot be written; the old ones are as they were.</exception>
    public static void WriteTogether(string directory, Action<ICheckpointStore> write, long maximumShardBytes = DefaultMaximumShardBytes)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(directory);
        ArgumentNullException.ThrowIfNull(write);
        DirectoryReplacement.Run(directory, staging => write(new DirectoryCheckpointStore(staging, maximumShardBytes)));
    }

    /// <inheritdoc/>
    public void Write(string name, Action<Stream> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        var target = PathOf(name);
        System.IO.Directory.CreateDirectory(Directory);
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
        using var stream = Open(
            name, path => new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 1 << 20));
        if (stream is null)
        {
            return false;
        }

        read(stream);
        return true;
    }

    /// <inheritdoc/>
    public string Describe(string name) => $"'{PathOf(name)}'";

    /// <summary>Opens the current version of a file; <see langword="null"/> if there is none.</summary>
    internal T? Open<T>(string name, Func<string, T> open)
        where T : class
    {
        PathOf(name);
        for (var attempt = 1; DirectoryReplacement.Find(Directory, name) is { } path; attempt++)
        {
            try
            {
                return open(path);
            }
            catch (IOException exception) when (attempt < Attempts && exception is (FileNotFoundException or DirectoryNotFoundException))
            {
                Thread.Yield();
            }
        }

        return null;
    }

    private string PathOf(string name) =>
        name.Length > 0 && Path.GetFileName(name) == name
            ? Path.Combine(Directory, name)
            : throw new ArgumentException($"'{name}' is no file name.", nameof(name));
}
