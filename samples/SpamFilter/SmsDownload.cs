using System.IO.Compression;

namespace SpamFilter;

/// <summary>The public collection could not be had; the message says why.</summary>
internal sealed class DownloadFailedException(string message, Exception inner) : Exception(message, inner);

/// <summary>
/// Downloads the SMS Spam Collection (Almeida and Hidalgo, https://doi.org/10.24432/C5CC84) once and keeps it in a cache
/// directory. Only the file known byte for byte is accepted; it appears in the cache complete or not at all.
/// </summary>
internal sealed class SmsDownload(HttpClient http, string cacheDirectory)
{
    private const int LargestArchive = 4 << 20;
    private static readonly Uri Archive = new("https://archive.ics.uci.edu/static/public/228/sms+spam+collection.zip");

    /// <summary>A download with a short time limit into the user's local application data.</summary>
    public static SmsDownload ForUser() => new(
        new HttpClient { Timeout = TimeSpan.FromSeconds(15), MaxResponseContentBufferSize = LargestArchive },
        Path.Combine(
            Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create), "MLNetLlm"));

    /// <returns>The path of the cached file.</returns>
    /// <exception cref="DownloadFailedException">There is no network, or what came is not the collection.</exception>
    public async Task<string> GetAsync(CancellationToken cancellation)
    {
        var cached = Path.Combine(cacheDirectory, SmsData.CollectionName);
        if (File.Exists(cached) && SmsData.IsCollection(await File.ReadAllBytesAsync(cached, cancellation)))
        {
            return cached;
        }

        try
        {
            var content = await ExtractAsync(await http.GetByteArrayAsync(Archive, cancellation), cancellation);
            await WriteAtomicallyAsync(cached, content, cancellation);
            return cached;
        }
        catch (Exception exception) when (
            exception is HttpRequestException or InvalidDataException or IOException or UnauthorizedAccessException ||
            (exception is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            throw new DownloadFailedException($"The SMS Spam Collection could not be downloaded from {Archive.Host}: {exception.Message}", exception);
        }
    }

    private static async Task<byte[]> ExtractAsync(byte[] archive, CancellationToken cancellation)
    {
        using var zip = new ZipArchive(new MemoryStream(archive), ZipArchiveMode.Read);
        var entry = zip.GetEntry(SmsData.CollectionName)
            ?? throw new InvalidDataException($"the archive has no {SmsData.CollectionName} in it.");
        if (entry.Length > LargestArchive)
        {
            throw new InvalidDataException($"{SmsData.CollectionName} in the archive has {entry.Length} bytes, far more than expected.");
        }

        using var content = new MemoryStream();
        await using (var stream = entry.Open())
        {
            await stream.CopyToAsync(content, cancellation);
        }

        var bytes = content.ToArray();
        return SmsData.IsCollection(bytes)
            ? bytes
            : throw new InvalidDataException($"{SmsData.CollectionName} in the archive is not the file this sample knows (its SHA-256 differs).");
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
