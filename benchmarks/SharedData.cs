namespace MLNetLlm.Benchmarks;

/// <summary>Public data sets, where they lie beside the repository.</summary>
internal static class SharedData
{
    /// <summary>The path of a file in <c>../shared/data</c>, or <see langword="null"/>.</summary>
    public static string? Find(string name)
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "MLNetLlm.sln")))
        {
            directory = directory.Parent;
        }

        var path = Path.Combine(directory?.Parent?.FullName ?? "", "shared", "data", name);
        return File.Exists(path) ? path : null;
    }
}
