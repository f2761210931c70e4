using System.Globalization;

namespace MLNetLlm.Benchmarks;

/// <summary>The kernel's count of this process's resident memory; zero where it keeps none.</summary>
internal static class ProcessMemory
{
    private const string Status = "/proc/self/status";

    /// <summary>Makes the peak start anew and returns what is resident.</summary>
    public static long Reset()
    {
        if (!File.Exists(Status))
        {
            return 0;
        }

        File.WriteAllText("/proc/self/clear_refs", "5");
        return Read("VmRSS:");
    }

    public static long Peak() => File.Exists(Status) ? Read("VmHWM:") : 0;

    private static long Read(string key) => 1024 * long.Parse(
        File.ReadLines(Status).First(line => line.StartsWith(key, StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2],
        CultureInfo.InvariantCulture);
}
