namespace Packages.Tokenizers.Tests;

internal static class SharedData
{
    /// <summary>A file of the data that lies beside the repository; skips the test where there is none.</summary>
    public static string File(string name)
    {
        DirectoryInfo? directory = new(AppContext.BaseDirectory);
        while (directory is not null && !System.IO.File.Exists(Path.Combine(directory.FullName, "Directory.Build.props")))
        {
            directory = directory.Parent;
        }

        string path = Path.Combine(directory?.Parent?.FullName ?? "", "shared", "data", name);
        Skip.IfNot(System.IO.File.Exists(path), $"The data file {name} is not on this machine.");
        return path;
    }

    public static string Text(string name) => System.IO.File.ReadAllText(File(name));
}
