using MLNetLlm.Tests;

namespace Packages.Tokenizers.Tests;

internal static class SharedData
{
    /// <summary>A file of the data that lies beside the repository; skips the test where there is none.</summary>
    public static string File(string name) => Repository.SharedFile("data", name);

    public static string Text(string name) => System.IO.File.ReadAllText(File(name));
}
