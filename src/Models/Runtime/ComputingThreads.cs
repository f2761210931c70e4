using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNetLlm.Models;

/// <summary>How many processors a thread that computes for a service's requests takes.</summary>
public static unsafe class ComputingThreads
{
    // Products of few weights are done before a second processor is awake, the more so where requests keep it busy: measured with
    // 16 chats on 2 processors, a network of 2 million weights writes 20 % more with one, and one of 86 million 40 % more with two.
    private const long WeightsPerThread = 10_000_000;

    private static readonly Lazy<nint[]> Setters = new(FindSetters);

    /// <summary>
    /// Lets the calling thread, which has no other work, use as many processors as a network's size makes worth while, and at most
    /// as many as are configured. Other threads keep theirs. Nothing happens where libtorch does not share its work by OpenMP.
    /// </summary>
    public static void FitTo(TransformerModel network)
    {
        ArgumentNullException.ThrowIfNull(network);
        if (network.Device.type != DeviceType.CPU)
        {
            return;
        }

        // Asking for the number also lets libtorch set up the thread, which would undo what comes before.
        var worthWhile = Math.Max(1, network.Config.ParameterCount / WeightsPerThread);
        if (worthWhile >= get_num_threads())
        {
            return;
        }

        // libtorch's own setter would set the number of all threads to come, too.
        foreach (var setter in Setters.Value)
        {
            ((delegate* unmanaged<int, void>)setter)((int)worthWhile);
        }
    }

    private static nint[] FindSetters()
    {
        try
        {
            using var process = Process.GetCurrentProcess();
            return [.. process.Modules.Cast<ProcessModule>()
                .Where(module => module.ModuleName.Contains("omp", StringComparison.OrdinalIgnoreCase))
                .Select(SetterOf)
                .Where(setter => setter != 0)];
        }
        catch (Exception exception) when (exception is Win32Exception or IOException or UnauthorizedAccessException or PlatformNotSupportedException)
        {
            // A system that does not tell what a process has loaded: slower, not wrong, and no reason to end a service's thread.
            return [];
        }
    }

    // libgomp, libiomp5, libomp or vcomp, under whatever name it came with libtorch.
    private static nint SetterOf(ProcessModule module) =>
        NativeLibrary.TryLoad(module.FileName, out var library) && NativeLibrary.TryGetExport(library, "omp_set_num_threads", out var setter) ? setter : 0;
}
