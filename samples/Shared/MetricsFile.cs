using System.Text.Json;

namespace Samples;

/// <summary>The figures of a run, for programs to read.</summary>
internal static class MetricsFile
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, WriteIndented = true };

    public static void Write<T>(string path, T figures)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        File.WriteAllText(path, JsonSerializer.Serialize(figures, Json));
    }
}
