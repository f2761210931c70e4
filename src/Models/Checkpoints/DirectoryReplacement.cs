using System.Text.RegularExpressions;

namespace MLNetLlm.Models;

/// <summary>
/// Replaces several files of a directory so that a reader finds all of the old or all of the new, whenever the process ends.
/// The new files are written into <c>.saving</c>. Renaming that to <c>.saved</c> is the one step that counts: from then on
/// the files in it are the checkpoint's, and moving them to their places only tidies up. A process that is killed before it
/// leaves the old files, one that is killed after it leaves files in <c>.saved</c>, which go before those beside it until the
/// next save moves them.
/// </summary>
internal static partial class DirectoryReplacement
{
    private const string Staging = ".saving";
    private const string Committed = ".saved";
    private const string Lock = ".saving.lock";

    // The names of all files of a save; written last and deleted last.
    private const string Contents = ".contents";

    /// <param name="directory">Made if it does not exist.</param>
    /// <param name="write">Gets the directory to write to.</param>
    /// <exception cref="IOException">Another process is saving to the directory.</exception>
    public static void Run(string directory, Action<string> write)
    {
        Directory.CreateDirectory(directory);
        using var turn = TakeTurn(directory);
        Finish(directory);
        var staging = Path.Combine(directory, Staging);
        DeleteIfThere(staging);
        Directory.CreateDirectory(staging);
        try
        {
            write(staging);
            WriteContents(staging);
            Directory.Move(staging, Path.Combine(directory, Committed));
        }
        finally
        {
            DeleteIfThere(staging);
        }

        Finish(directory);
    }

    /// <summary>Where the current version of a file is; <see langword="null"/> if there is none.</summary>
    public static string? Find(string directory, string name)
    {
        if (ReadContents(directory) is { } contents)
        {
            var saved = Path.Combine(directory, Committed, name);
            if (File.Exists(saved))
            {
                return saved;
            }

            if (IsSuperseded(name, contents))
            {
                return null;
            }
        }

        var path = Path.Combine(directory, name);
        return File.Exists(path) ? path : null;
    }

    // Every step may be the last of this process, and the next one starts over.
    private static void Finish(string directory)
    {
        if (ReadContents(directory) is { } contents)
        {
            foreach (var path in Directory.GetFiles(directory))
            {
                if (IsSuperseded(Path.GetFileName(path), contents))
                {
                    File.Delete(path);
                }
            }

            foreach (var name in contents)
            {
                var saved = Path.Combine(directory, Committed, name);
                if (File.Exists(saved))
                {
                    File.Move(saved, Path.Combine(directory, name), overwrite: true);
                }
            }
        }

        DeleteIfThere(Path.Combine(directory, Committed));
    }

    // A save that holds weights leaves none of the older ones, whose files may have other names.
    private static bool IsSuperseded(string name, string[] contents) =>
        WeightFile().IsMatch(name) && !contents.Contains(name) && contents.Any(other => WeightFile().IsMatch(other));

    private static string[]? ReadContents(string directory)
    {
        var path = Path.Combine(directory, Committed, Contents);
        try
        {
            return File.Exists(path) ? File.ReadAllLines(path) : null;
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            // The process that saves has just finished.
            return null;
        }
    }

    private static void WriteContents(string staging)
    {
        var names = Directory.GetFiles(staging).Select(Path.GetFileName).Order(StringComparer.Ordinal).ToArray();
        using var stream = new FileStream(Path.Combine(staging, Contents), FileMode.CreateNew, FileAccess.Write, FileShare.None);
        using (var writer = new StreamWriter(stream, leaveOpen: true))
        {
            foreach (var name in names)
            {
                writer.WriteLine(name);
            }
        }

        stream.Flush(flushToDisk: true);
    }

    private static FileStream TakeTurn(string directory)
    {
        var path = Path.Combine(directory, Lock);
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose);
        }
        catch (IOException exception) when (File.Exists(path))
        {
            throw new IOException($"'{directory}' cannot be saved to: another save to it is under way.", exception);
        }
    }

    private static void DeleteIfThere(string directory)
    {
        if (Directory.Exists(directory))
        {
            // What is left once the contents are gone is no longer looked at.
            File.Delete(Path.Combine(directory, Contents));
            Directory.Delete(directory, recursive: true);
        }
    }

    [GeneratedRegex(@"^model(-\d{5}-of-\d{5})?\.safetensors(\.index\.json)?$")]
    private static partial Regex WeightFile();
}
