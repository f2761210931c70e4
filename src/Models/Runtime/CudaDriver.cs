using System.Runtime.InteropServices;

namespace MLNetLlm.Models;

/// <summary>Facts about a GPU that TorchSharp does not tell, asked of the CUDA driver.</summary>
internal static unsafe class CudaDriver
{
    private const int ComputeCapabilityMajor = 75;

    /// <summary>Major compute capability of a visible GPU, or <see langword="null"/> when the driver does not answer.</summary>
    public static int? MajorComputeCapability(int index)
    {
        int device = 0, major = 0;
        return TryGetDevice(index, &device, out var driver)
            && NativeLibrary.TryGetExport(driver, "cuDeviceGetAttribute", out var getAttribute)
            && ((delegate* unmanaged<int*, int, int, int>)getAttribute)(&major, ComputeCapabilityMajor, device) == 0
                ? major
                : null;
    }

    /// <summary>Bytes of memory of a visible GPU, or <see langword="null"/> when the driver does not answer.</summary>
    public static long? TotalMemory(int index)
    {
        var device = 0;
        nuint bytes = 0;
        return TryGetDevice(index, &device, out var driver)
            && NativeLibrary.TryGetExport(driver, "cuDeviceTotalMem_v2", out var getTotalMemory)
            && ((delegate* unmanaged<nuint*, int, int>)getTotalMemory)(&bytes, device) == 0
                ? (long)bytes
                : null;
    }

    private static bool TryGetDevice(int index, int* device, out nint driver) =>
        NativeLibrary.TryLoad(OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1", out driver)
        && NativeLibrary.TryGetExport(driver, "cuInit", out var initialize)
        && NativeLibrary.TryGetExport(driver, "cuDeviceGet", out var getDevice)
        && ((delegate* unmanaged<uint, int>)initialize)(0) == 0
        && ((delegate* unmanaged<int*, int, int>)getDevice)(device, index) == 0;
}
