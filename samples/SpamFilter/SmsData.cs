using System.Security.Cryptography;

namespace SpamFilter;

/// <summary>Where the messages come from, and what the user should know about that.</summary>
/// <param name="Path">The file.</param>
/// <param name="IsCollection">Whether it is the public SMS Spam Collection, byte for byte.</param>
/// <param name="IsShipped">Whether it is the small set that comes with this sample.</param>
/// <param name="Notes">Why a better source was not used.</param>
internal sealed record SmsSource(string Path, bool IsCollection, bool IsShipped, IReadOnlyList<string> Notes);

/// <summary>
/// Finds the messages: the file named on the command line, else the collection in the data directory, else the public
/// download, else, offline, the small set shipped with the sample.
/// </summary>
internal sealed class SmsData(string? dataDirectory, SmsDownload download)
{
    public const string DirectoryVariable = "MLNETLLM_DATA";
    public const string CollectionName = "SMSSpamCollection";
    private const string CollectionSha256 = "7d039a24a6083ed9ef0f806ebad56bbb976e3aeb8de05669173bfdc4996c239d";

    public static string ShippedFile => Path.Combine(AppContext.BaseDirectory, "messages.tsv");

    /// <exception cref="FileNotFoundException">The file named on the command line is not there.</exception>
    public async Task<SmsSource> FindAsync(string? file, CancellationToken cancellation)
    {
        var notes = new List<string>();
        if (file is not null)
        {
            return File.Exists(file) ? Source(file, notes) : throw new FileNotFoundException($"--data names '{file}', but there is no such file.");
        }

        if (!string.IsNullOrEmpty(dataDirectory))
        {
            var candidate = Path.Combine(dataDirectory, CollectionName);
            if (File.Exists(candidate))
            {
                return Source(candidate, notes);
            }

            notes.Add($"{DirectoryVariable} is '{dataDirectory}', but {CollectionName} is not in it.");
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

    public static bool IsCollection(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content)) == CollectionSha256;

    private static SmsSource Source(string path, IReadOnlyList<string> notes)
    {
        var shipped = Path.GetFullPath(path) == Path.GetFullPath(ShippedFile);
        return new SmsSource(path, !shipped && IsCollection(File.ReadAllBytes(path)), shipped, notes);
    }
}
