namespace MLNetLlm.Tests;

/// <summary>The repository that the tests were built in, found by walking up from their output.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>A file of those that may lie beside the repository; without it the test is skipped.</summary>
    public static string SharedFile(params string[] parts)
    {
        var path = Path.GetFullPath(Path.Combine([Root, "..", "shared", .. parts]));
        Skip.IfNot(File.Exists(path), $"The file {string.Join('/', parts)} is not on this machine.");
        return path;
    }

    private static string FindRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "Directory.Build.props")))
        {
            directory = directory.Parent;
        }

        return directory?.FullName ?? throw new DirectoryNotFoundException($"No repository above {AppContext.BaseDirectory}.");
    }
}
