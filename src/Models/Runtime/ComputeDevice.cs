using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNetLlm.Models;

/// <summary>Chooses the device that a network lives on.</summary>
public static class ComputeDevice
{
    private const string Expected = "Expected 'auto', 'cpu', 'cuda' or 'cuda:N'";

    /// <summary>Chooses a device by name.</summary>
    /// <param name="name">
    /// <see langword="null"/> or "auto": the first GPU where there is one, else the processor; "cpu"; "cuda"; "cuda:1".
    /// </param>
    /// <exception cref="ArgumentException">The name is none of these, or this machine has no such device.</exception>
    /// <exception cref="InvalidOperationException">libtorch is missing or broken.</exception>
    public static Device Select(string? name)
    {
        NativeRuntime.Initialize();
        switch (name?.Trim().ToLowerInvariant())
        {
            case null or "" or "auto":
                return cuda.is_available() ? Cuda(0, name) : CPU;
            case "cpu":
                return CPU;
            case "cuda":
                return Cuda(0, name);
            case { } text when text.StartsWith("cuda:", StringComparison.Ordinal):
                return int.TryParse(text.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out var index)
                    ? Cuda(index, name)
                    : throw new ArgumentException($"{Expected}, but the device is '{name}'.", nameof(name));
            default:
                throw new ArgumentException($"{Expected}, but the device is '{name}'.", nameof(name));
        }
    }

    /// <summary>
    /// Bytes of memory that a device has for this process: of a GPU all of its memory, else what the system has free or the
    /// limit of a container leaves, whichever is less; <see langword="null"/> where nobody says.
    /// </summary>
    public static long? AvailableMemory(Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return MachineMemory.Available(device);
    }

    private static Device Cuda(int index, string? name)
    {
        if (!cuda.is_available())
        {
            throw new ArgumentException(
                $"The device '{name}' needs CUDA, which libtorch does not have on this machine. Use 'cpu', or add the package "
                + "TorchSharp-cuda-linux (or -windows) and check the GPU's driver.",
                nameof(name));
        }

        var count = cuda.device_count();
        return index < count
            ? new Device(DeviceType.CUDA, index)
            : throw new ArgumentException($"The device '{name}' does not exist: this machine has {count} GPUs, numbered from 0.", nameof(name));
    }
}
