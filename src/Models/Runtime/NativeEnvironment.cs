using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MLNetLlm.Models;

/// <summary>
/// Settings that native libraries read once, when they load. <see cref="Environment.SetEnvironmentVariable(string, string?)"/>
/// changes only .NET's own copy of the environment, so these go through the C library.
/// </summary>
internal static partial class NativeEnvironment
{
    private const int MallocFastBinSize = 1;
    private const int MallocTrimThreshold = -1;
    private const int MallocMmapThreshold = -3;

    // Freed memory up to this size stays with the process: a training step allocates and frees the same tensors over and
    // over, and would pay for the page faults of fresh memory each time.
    private const int KeptBytes = 256 << 20;

    // The largest threshold that every glibc takes: half of its largest heap.
    private const int LargestMmapThreshold = 32 << 20;

    private static readonly Lazy<bool> IsGlibc = new(() => OperatingSystem.IsLinux()
        && NativeLibrary.TryLoad("libc.so.6", out var library)
        && NativeLibrary.TryGetExport(library, "gnu_get_libc_version", out _));

    /// <summary>
    /// OpenMP's default of spinning while it waits collapses training as soon as anything else takes a core;
    /// libtorch's default thread count is half the logical processors; and an OpenBLAS older than its processor uses the
    /// kernels of a Pentium 4, a quarter as fast as those it has for AVX-512. And libtorch keeps, for each thread, up to 1,024
    /// descriptions of products, which point into those of other threads: once oneDNN's store of as many compiled products has
    /// evicted too, a second thread compiles from freed memory and the process ends (libtorch 1.13 with oneDNN 2.6, plain PyTorch
    /// too). One description has no time to go stale; looking each up again costs 4 µs.
    /// </summary>
    [ModuleInitializer]
    [SuppressMessage(
        "Usage", "CA2255:The ModuleInitializer attribute should not be used in libraries",
        Justification = "An application may use TorchSharp before it calls this library; the settings must be there when libtorch loads.")]
    internal static void PrepareLibraries()
    {
        try
        {
            SetUnlessGiven("OMP_WAIT_POLICY", "PASSIVE");
            SetUnlessGiven("OMP_NUM_THREADS", Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture));
            SetUnlessGiven("LRU_CACHE_CAPACITY", "1");
            if (ProcessorFeatures.HasAvx512)
            {
                SetUnlessGiven("OPENBLAS_CORETYPE", "SkylakeX");
            }
        }
        catch (Exception exception) when (exception is DllNotFoundException or EntryPointNotFoundException)
        {
            // Where the C library is called otherwise, the libraries keep their defaults: slower, not wrong.
        }
    }

    public static void PrepareAllocator()
    {
        if (!IsGlibc.Value || IsGiven("MALLOC_TRIM_THRESHOLD_") || IsGiven("MALLOC_MMAP_THRESHOLD_") || IsGiven("GLIBC_TUNABLES"))
        {
            return;
        }

        SetMallocOption(MallocMmapThreshold, LargestMmapThreshold);
        SetMallocOption(MallocTrimThreshold, KeptBytes);
        // Every allocation of a tensor would go through the small pieces that were freed since the one before, to join them: 8 % of
        // the tokens that 16 chats get.
        SetMallocOption(MallocFastBinSize, 0);
    }

    /// <summary>Gives the system back what is free in the C library's heap, also between what is used. New memory costs page faults then.</summary>
    public static void ReleaseFreedMemory()
    {
        if (IsGlibc.Value)
        {
            Trim(0);
        }
    }

    private static bool IsGiven(string name) => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(name));

    private static void SetUnlessGiven(string name, string value)
    {
        if (IsGiven(name))
        {
            return;
        }

        if (OperatingSystem.IsWindows())
        {
            SetOnWindows(name, value);
        }
        else
        {
            SetOnUnix(name, value, overwrite: 1);
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetOnUnix(string name, string value, int overwrite);

    [LibraryImport("ucrtbase", EntryPoint = "_putenv_s", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetOnWindows(string name, string value);

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetMallocOption(int parameter, int value);

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int Trim(nuint keptAtTop);
}
