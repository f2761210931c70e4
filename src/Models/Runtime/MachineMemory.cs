using System.Globalization;
using TorchSharp;

namespace MLNetLlm.Models;

/// <summary>Memory that a run can use.</summary>
internal static class MachineMemory
{
    /// <summary>Bytes on a device, or <see langword="null"/> where nobody says.</summary>
    public static long? Available(torch.Device device) =>
        device.type == DeviceType.CUDA ? CudaDriver.TotalMemory(Math.Max(device.index, 0)) : AvailableToProcess();

    // What the system has free, or what the limit of a container leaves, whichever is less.
    private static long? AvailableToProcess()
    {
        var limit = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes - Environment.WorkingSet;
        return Math.Min(limit, AvailableToSystem() ?? limit);
    }

    private static long? AvailableToSystem()
    {
        const string Path = "/proc/meminfo";
        if (!File.Exists(Path))
        {
            return null;
        }

        // MemAvailable:   12345678 kB
        var line = File.ReadLines(Path).FirstOrDefault(line => line.StartsWith("MemAvailable:", StringComparison.Ordinal));
        var value = line?.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
        return value is null ? null : long.Parse(value, CultureInfo.InvariantCulture) * 1024;
    }
}
