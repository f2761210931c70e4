using System.Runtime.InteropServices;

namespace MLNetLlm.Models;

/// <summary>The one fact about a GPU that TorchSharp does not tell: its compute capability, asked of the CUDA driver.</summary>
internal static unsafe class CudaDriver
{
    private const int ComputeCapabilityMajor = 75;

    /// <summary>Major compute capability of a visible GPU, or <see langword="null"/> when the driver does not answer.</summary>
    public static int? MajorComputeCapability(int index)
    {
        var name = OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1";
        if (!NativeLibrary.TryLoad(name, out var driver)
            || !NativeLibrary.TryGetExport(driver, "cuInit", out var initialize)
            || !NativeLibrary.TryGetExport(driver, "cuDeviceGet", out var getDevice)
            || !NativeLibrary.TryGetExport(driver, "cuDeviceGetAttribute", out var getAttribute))
        {
            return null;
        }

        int device = 0, major = 0;
        var found = ((delegate* unmanaged<uint, int>)initialize)(0) == 0
            && ((delegate* unmanaged<int*, int, int>)getDevice)(&device, index) == 0
            && ((delegate* unmanaged<int*, int, int, int>)getAttribute)(&major, ComputeCapabilityMajor, device) == 0;
        return found ? major : null;
    }
}
