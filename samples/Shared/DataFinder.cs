namespace Samples;

/// <summary>Where a sample's data comes from, and what the user should know about that.</summary>
/// <param name="Path">The file.</param>
/// <param name="IsShipped">Whether it is the small one that comes with the sample.</param>
/// <param name="Notes">Why a better one was not used.</param>
internal sealed record FoundData(string Path, bool IsShipped, IReadOnlyList<string> Notes);

/// <summary>
/// Finds a sample's data: the file named on the command line, else the public file in the data directory, else its download,
/// else, offline, the small file shipped with the sample.
/// </summary>
internal sealed class DataFinder(string? dataDirectory, PublicFileDownload download)
{
    private const string DirectoryVariable = "MLNETLLM_DATA";

    public static DataFinder ForUser() => new(Environment.GetEnvironmentVariable(DirectoryVariable), PublicFileDownload.ForUser());

    /// <exception cref="FileNotFoundException">The file named on the command line is not there.</exception>
    public async Task<FoundData> FindAsync(SampleData data, string? file, CancellationToken cancellation)
    {
        var notes = new List<string>();
        if (file is not null)
        {
            return File.Exists(file) ? Found(file) : throw new FileNotFoundException($"--data names '{file}', but there is no such file.");
        }

        if (!string.IsNullOrEmpty(dataDirectory))
        {
            var candidate = Path.Combine(dataDirectory, data.Public.FileName);
            if (File.Exists(candidate))
            {
                return Found(candidate);
            }

            notes.Add($"{DirectoryVariable} is '{dataDirectory}', but {data.Public.FileName} is not in it.");
        }

        try
        {
            return Found(await download.GetAsync(data.Public, cancellation));
        }
        catch (DownloadFailedException failure)
        {
            notes.Add(failure.Message);
            return Found(data.ShippedFile);
        }

        FoundData Found(string path) => new(path, Path.GetFullPath(path) == Path.GetFullPath(data.ShippedFile), notes);
    }
}
