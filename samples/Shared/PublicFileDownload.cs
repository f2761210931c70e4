using System.IO.Compression;

namespace Samples;

/// <summary>A public file could not be had; the message says why.</summary>
internal sealed class DownloadFailedException(string message, Exception inner) : Exception(message, inner);

/// <summary>
/// Downloads a public file once and keeps it in a cache directory. Only the file known byte for byte is accepted; it appears in
/// the cache complete or not at all.
/// </summary>
internal sealed class PublicFileDownload(HttpClient http, string cacheDirectory)
{
    private const int LargestFile = 4 << 20;

    /// <summary>A download with a short time limit into the user's local application data.</summary>
    public static PublicFileDownload ForUser() => new(
        new HttpClient { Timeout = TimeSpan.FromSeconds(15), MaxResponseContentBufferSize = LargestFile },
        Path.Combine(
            Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create), "MLNetLlm"));

    /// <returns>The path of the cached file.</returns>
    /// <exception cref="DownloadFailedException">There is no network, or what came is another file.</exception>
    public async Task<string> GetAsync(PublicFile file, CancellationToken cancellation)
    {
        var cached = Path.Combine(cacheDirectory, file.FileName);
        if (File.Exists(cached) && file.Matches(await File.ReadAllBytesAsync(cached, cancellation)))
        {
            return cached;
        }

        try
        {
            var content = await http.GetByteArrayAsync(file.Address, cancellation);
            await WriteAtomicallyAsync(cached, await AcceptAsync(file, content, cancellation), cancellation);
            return cached;
        }
        catch (Exception exception) when (
            exception is HttpRequestException or InvalidDataException or IOException or UnauthorizedAccessException ||
            (exception is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            throw new DownloadFailedException($"{file.Title} could not be downloaded from {file.Address.Host}: {exception.Message}", exception);
        }
    }

    private static async Task<byte[]> AcceptAsync(PublicFile file, byte[] content, CancellationToken cancellation)
    {
        var (bytes, name) = file.IsInArchive
            ? (await ExtractAsync(file.FileName, content, cancellation), $"{file.FileName} in the archive")
            : (content, "what came");
        return file.Matches(bytes) ? bytes : throw new InvalidDataException($"{name} is not the file this sample knows (its SHA-256 differs).");
    }

    private static async Task<byte[]> ExtractAsync(string name, byte[] archive, CancellationToken cancellation)
    {
        using var zip = new ZipArchive(new MemoryStream(archive), ZipArchiveMode.Read);
        var entry = zip.GetEntry(name) ?? throw new InvalidDataException($"the archive has no {name} in it.");
        if (entry.Length > LargestFile)
        {
            throw new InvalidDataException($"{name} in the archive has {entry.Length} bytes, far more than expected.");
        }

        using var content = new MemoryStream();
        await using var stream = entry.Open();
        await stream.CopyToAsync(content, cancellation);
        return content.ToArray();
    }

    private async Task WriteAtomicallyAsync(string path, byte[] content, CancellationToken cancellation)
    {
        Directory.CreateDirectory(cacheDirectory);
        var temporary = $"{path}.{Guid.NewGuid():n}";
        try
        {
            await File.WriteAllBytesAsync(temporary, content, cancellation);
            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }
}
