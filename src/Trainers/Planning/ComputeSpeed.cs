using System.Collections.Concurrent;
using System.Diagnostics;
using MLNetLlm.Models;
using TorchSharp;

namespace MLNetLlm.Trainers;

/// <summary>How fast this machine multiplies matrices, measured by doing so for a moment; once a process, device and number type.</summary>
public static class ComputeSpeed
{
    private const int ProcessorMatrix = 1024;
    private const int GpuMatrix = 4096;
    private const int LeastRepetitions = 3;
    private static readonly TimeSpan ProbeTime = TimeSpan.FromMilliseconds(60);
    private static readonly ConcurrentDictionary<(string Device, Precision Precision), Lazy<double>> Measured = new();

    /// <summary>The floating-point operations a second of the best of several products of large square matrices.</summary>
    /// <param name="device">Where to multiply.</param>
    /// <param name="precision">Number type of the factors: Float32 or BFloat16.</param>
    /// <exception cref="ArgumentException">The precision is Auto, which is no number type.</exception>
    public static double PeakFlops(torch.Device device, Precision precision)
    {
        ArgumentNullException.ThrowIfNull(device);
        var type = precision switch
        {
            Precision.Float32 => torch.ScalarType.Float32,
            Precision.BFloat16 => torch.ScalarType.BFloat16,
            _ => throw new ArgumentException($"The precision must be Float32 or BFloat16, but is {precision}.", nameof(precision)),
        };
        return Measured.GetOrAdd((device.ToString(), precision), _ => new Lazy<double>(() => Measure(device, type))).Value;
    }

    private static double Measure(torch.Device device, torch.ScalarType type)
    {
        NativeRuntime.Initialize();
        using var noGradient = torch.no_grad();
        var size = device.type == DeviceType.CUDA ? GpuMatrix : ProcessorMatrix;
        using var single = torch.ones(size, size, device: device);
        using var factor = single.to(type);
        var best = TimeSpan.MaxValue;
        var total = Stopwatch.StartNew();
        // The first product pays for what libraries set up, so it never counts.
        for (var repetition = 0; repetition <= LeastRepetitions || total.Elapsed < ProbeTime; repetition++)
        {
            var clock = Stopwatch.StartNew();
            using var product = factor.matmul(factor);
            // Reading a number waits for a GPU to finish.
            using var corner = product[0, 0];
            using var read = corner.to(torch.ScalarType.Float32);
            _ = read.ToSingle();
            best = repetition > 0 && clock.Elapsed < best ? clock.Elapsed : best;
        }

        return 2.0 * size * size * size / best.TotalSeconds;
    }
}
