using System.Security.Cryptography;

namespace Pretraining;

/// <summary>Where the text comes from, and what the user should know about that.</summary>
/// <param name="Path">The file.</param>
/// <param name="IsShipped">Whether it is the short text that comes with this sample.</param>
/// <param name="Notes">Why a better source was not used.</param>
internal sealed record TextSource(string Path, bool IsShipped, IReadOnlyList<string> Notes);

/// <summary>
/// Finds the text: the file named on the command line, else Tiny Shakespeare in the data directory, else its download, else,
/// offline, the short text shipped with the sample.
/// </summary>
internal sealed class TextData(string? dataDirectory, TextDownload download)
{
    public const string DirectoryVariable = "MLNETLLM_DATA";
    public const string FileName = "tinyshakespeare_input.txt";
    private const string ShakespeareSha256 = "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed";

    public static string ShippedFile => Path.Combine(AppContext.BaseDirectory, "harbour.txt");

    /// <exception cref="FileNotFoundException">The file named on the command line is not there.</exception>
    public async Task<TextSource> FindAsync(string? file, CancellationToken cancellation)
    {
        var notes = new List<string>();
        if (file is not null)
        {
            return File.Exists(file) ? Source(file, notes) : throw new FileNotFoundException($"--data names '{file}', but there is no such file.");
        }

        if (!string.IsNullOrEmpty(dataDirectory))
        {
            var candidate = Path.Combine(dataDirectory, FileName);
            if (File.Exists(candidate))
            {
                return Source(candidate, notes);
            }

            notes.Add($"{DirectoryVariable} is '{dataDirectory}', but {FileName} is not in it.");
        }

        try
        {
            return Source(await download.GetAsync(cancellation), notes);
        }
        catch (DownloadFailedException failure)
        {
            notes.Add(failure.Message);
            return Source(ShippedFile, notes);
        }
    }

    public static bool IsShakespeare(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content)) == ShakespeareSha256;

    private static TextSource Source(string path, IReadOnlyList<string> notes) =>
        new(path, Path.GetFullPath(path) == Path.GetFullPath(ShippedFile), notes);
}
