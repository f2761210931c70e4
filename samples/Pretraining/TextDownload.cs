namespace Pretraining;

/// <summary>The text could not be had; the message says why.</summary>
internal sealed class DownloadFailedException(string message, Exception inner) : Exception(message, inner);

/// <summary>
/// Downloads Tiny Shakespeare (a million characters of the plays, put together by Andrej Karpathy; the text is in the public
/// domain) once and keeps it in a cache directory. Only the file known byte for byte is accepted; it appears complete or not at all.
/// </summary>
internal sealed class TextDownload(HttpClient http, string cacheDirectory)
{
    private const int LargestFile = 4 << 20;

    private static readonly Uri File = new(
        "https://raw.githubusercontent.com/karpathy/char-rnn/6f9487a6fe5b420b7ca9afb0d7c078e37c1d1b4e/data/tinyshakespeare/input.txt");

    /// <summary>A download with a short time limit into the user's local application data.</summary>
    public static TextDownload ForUser() => new(
        new HttpClient { Timeout = TimeSpan.FromSeconds(15), MaxResponseContentBufferSize = LargestFile },
        Path.Combine(
            Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create), "MLNetLlm"));

    /// <returns>The path of the cached file.</returns>
    /// <exception cref="DownloadFailedException">There is no network, or what came is another file.</exception>
    public async Task<string> GetAsync(CancellationToken cancellation)
    {
        var cached = Path.Combine(cacheDirectory, TextData.FileName);
        if (System.IO.File.Exists(cached) && TextData.IsShakespeare(await System.IO.File.ReadAllBytesAsync(cached, cancellation)))
        {
            return cached;
        }

        try
        {
            var content = await http.GetByteArrayAsync(File, cancellation);
            if (!TextData.IsShakespeare(content))
            {
                throw new InvalidDataException("what came is not the file this sample knows (its SHA-256 differs).");
            }

            await WriteAtomicallyAsync(cached, content, cancellation);
            return cached;
        }
        catch (Exception exception) when (
            exception is HttpRequestException or InvalidDataException or IOException or UnauthorizedAccessException ||
            (exception is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            throw new DownloadFailedException($"Tiny Shakespeare could not be downloaded from {File.Host}: {exception.Message}", exception);
        }
    }

    private async Task WriteAtomicallyAsync(string path, byte[] content, CancellationToken cancellation)
    {
        Directory.CreateDirectory(cacheDirectory);
        var temporary = $"{path}.{Guid.NewGuid():n}";
        try
        {
            await System.IO.File.WriteAllBytesAsync(temporary, content, cancellation);
            System.IO.File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            System.IO.File.Delete(temporary);
        }
    }
}
