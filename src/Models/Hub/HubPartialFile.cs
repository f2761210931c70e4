namespace MLNetLlm.Models;

/// <summary>The bytes of a blob that are on disk so far, and their hash.</summary>
internal sealed class HubPartialFile : IAsyncDisposable
{
    private const int BufferSize = 1 << 20;

    private readonly string path;
    private readonly FileStream stream;
    private readonly HubHash hash;

    private HubPartialFile(string path, FileStream stream, HubHash hash)
    {
        this.path = path;
        this.stream = stream;
        this.hash = hash;
    }

    public long Length => stream.Length;

    public string HashName => hash.Name;

    /// <summary>Opens what an earlier download left, or begins.</summary>
    public static async Task<HubPartialFile> OpenAsync(string path, HubFile file, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete, bufferSize: 0, useAsync: true);
        var partial = new HubPartialFile(path, stream, new HubHash(file.Etag, file.Size));
        try
        {
            if (partial.Length > file.Size)
            {
                partial.Restart();
            }

            var buffer = new byte[BufferSize];
            for (int count; (count = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0;)
            {
                partial.hash.Append(buffer.AsSpan(0, count));
            }

            return partial;
        }
        catch
        {
            await partial.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public async Task AppendAsync(ReadOnlyMemory<byte> bytes)
    {
        // Not cancelled: a piece that has arrived is kept whole, with its hash.
        await stream.WriteAsync(bytes, CancellationToken.None).ConfigureAwait(false);
        hash.Append(bytes.Span);
    }

    public void Restart()
    {
        stream.SetLength(0);
        stream.Position = 0;
        hash.Restart();
    }

    /// <inheritdoc cref="HubHash.FindDifference"/>
    public string? FindDifference() => hash.FindDifference();

    /// <summary>Gives the complete file its name.</summary>
    public void MoveTo(string target)
    {
        stream.Flush(flushToDisk: true);
        File.Move(path, target, overwrite: true);
    }

    public void Delete() => File.Delete(path);

    public async ValueTask DisposeAsync()
    {
        await stream.DisposeAsync().ConfigureAwait(false);
        hash.Dispose();
    }
}
