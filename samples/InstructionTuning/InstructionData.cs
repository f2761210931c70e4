using System.Security.Cryptography;

namespace InstructionTuning;

/// <summary>Where the instructions come from, and what the user should know about that.</summary>
/// <param name="Path">The file.</param>
/// <param name="IsShipped">Whether it is the small set that comes with this sample.</param>
/// <param name="Notes">Why a better source was not used.</param>
internal sealed record InstructionSource(string Path, bool IsShipped, IReadOnlyList<string> Notes);

/// <summary>
/// Finds the instructions: the file named on the command line, else the public set in the data directory, else its download,
/// else, offline, the small set shipped with the sample.
/// </summary>
internal sealed class InstructionData(string? dataDirectory, InstructionDownload download)
{
    public const string DirectoryVariable = "MLNETLLM_DATA";
    public const string FileName = "instruction-data.json";
    private const string PublicSha256 = "7e09a9af353722ca15c18bc580f093f9c39d3178335a75177319cb1e1d163944";

    public static string ShippedFile => Path.Combine(AppContext.BaseDirectory, "instructions.json");

    /// <exception cref="FileNotFoundException">The file named on the command line is not there.</exception>
    public async Task<InstructionSource> FindAsync(string? file, CancellationToken cancellation)
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

    public static bool IsPublicSet(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content)) == PublicSha256;

    private static InstructionSource Source(string path, IReadOnlyList<string> notes) =>
        new(path, Path.GetFullPath(path) == Path.GetFullPath(ShippedFile), notes);
}
