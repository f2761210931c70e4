namespace InstructionTuning;

/// <summary>The public set could not be had; the message says why.</summary>
internal sealed class DownloadFailedException(string message, Exception inner) : Exception(message, inner);

/// <summary>
/// Downloads the 1,100 instructions of the book "Build a Large Language Model (From Scratch)" (Raschka 2024, Apache-2.0) once and
/// keeps them in a cache directory. Only the file known byte for byte is accepted; it appears complete or not at all.
/// </summary>
internal sealed class InstructionDownload(HttpClient http, string cacheDirectory)
{
    private const int LargestFile = 4 << 20;

    private static readonly Uri File = new(
        "https://raw.githubusercontent.com/rasbt/LLMs-from-scratch/28c65cdfbc3338e2e040016eea4b7fdf556e4d57/ch07/01_main-chapter-code/instruction-data.json");

    /// <summary>A download with a short time limit into the user's local application data.</summary>
    public static InstructionDownload ForUser() => new(
        new HttpClient { Timeout = TimeSpan.FromSeconds(15), MaxResponseContentBufferSize = LargestFile },
        Path.Combine(
            Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create), "MLNetLlm"));

    /// <returns>The path of the cached file.</returns>
    /// <exception cref="DownloadFailedException">There is no network, or what came is another file.</exception>
    public async Task<string> GetAsync(CancellationToken cancellation)
    {
        var cached = Path.Combine(cacheDirectory, InstructionData.FileName);
        if (System.IO.File.Exists(cached) && InstructionData.IsPublicSet(await System.IO.File.ReadAllBytesAsync(cached, cancellation)))
        {
            return cached;
        }

        try
        {
            var content = await http.GetByteArrayAsync(File, cancellation);
            if (!InstructionData.IsPublicSet(content))
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
            throw new DownloadFailedException($"The instructions could not be downloaded from {File.Host}: {exception.Message}", exception);
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
