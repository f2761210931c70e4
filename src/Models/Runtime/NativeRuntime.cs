using TorchSharp;

namespace MLNetLlm.Models;

/// <summary>Loads libtorch with settings that suit training on few cores, and says clearly when it cannot be loaded.</summary>
public static class NativeRuntime
{
    private static readonly Lazy<Exception?> Failure = new(Load, LazyThreadSafetyMode.ExecutionAndPublication);

    /// <summary>
    /// Prepares the native library; every entry point of this library calls it, and calling it again costs nothing. Unless
    /// the user set them, OpenMP waits passively and uses every available processor, and glibc keeps freed memory.
    /// </summary>
    /// <exception cref="InvalidOperationException">libtorch is missing or broken; the message names what to install.</exception>
    public static void Initialize()
    {
        if (Failure.Value is { } failure)
        {
            throw new InvalidOperationException(
                "libtorch, the native library behind TorchSharp, could not be loaded. Add the package TorchSharp-cpu "
                + "(or TorchSharp-cuda-linux, TorchSharp-cuda-windows for an NVIDIA GPU) to the application, in the version of "
                + "its TorchSharp package; a build on the system's libtorch needs that, on Debian and Ubuntu "
                + $"'apt install libtorch-dev'. The loader said: {FirstLine(failure)}",
                failure);
        }
    }

    /// <summary>
    /// Gives the system back memory that the process has freed but keeps to use again (glibc only). Worth while after something
    /// large that does not come again soon; what comes next pays for its memory anew.
    /// </summary>
    public static void ReleaseFreedMemory() => NativeEnvironment.ReleaseFreedMemory();

    /// <summary>What the native library and the processor offer, for diagnosis; does not throw when libtorch is missing.</summary>
    public static RuntimeDescription Describe()
    {
        var failure = Failure.Value;
        return new RuntimeDescription
        {
            IsAvailable = failure is null,
            Failure = failure is null ? null : FirstLine(failure),
            ThreadCount = failure is null ? torch.get_num_threads() : 0,
            ProcessorCount = Environment.ProcessorCount,
            HasAvx512 = ProcessorFeatures.HasAvx512,
            HasAvx512BFloat16 = ProcessorFeatures.HasAvx512BFloat16,
            HasAmxBFloat16 = ProcessorFeatures.HasAmxBFloat16,
            CudaDeviceCount = failure is null && torch.cuda.is_available() ? torch.cuda.device_count() : 0,
        };
    }

    private static Exception? Load()
    {
        NativeEnvironment.PrepareAllocator();
        try
        {
            // CUDA first, where there is one: libtorch decides once, at its first operation, whether it has it.
            torch.TryInitializeDeviceType(DeviceType.CUDA);
            torch.InitializeDeviceType(DeviceType.CPU);
            // The library may load and still be unusable, for example when it was built for another version.
            using var probe = torch.ones(1);
            return null;
        }
        catch (Exception exception)
        {
            return exception;
        }
    }

    // Type initializers wrap the reason, and the wrapper's message does not name it; after its first line the loader lists
    // every place where it looked.
    private static string FirstLine(Exception exception) =>
        exception is TypeInitializationException { InnerException: { } reason } ? FirstLine(reason) : exception.Message.Split('\n')[0].TrimEnd();
}
