using TorchSharp;
using static TorchSharp.torch;

namespace MLNetLlm.Models;

/// <summary>What <see cref="Precision.Auto"/> means on a device for a network of a given width.</summary>
internal static class PrecisionRule
{
    /// <summary>Narrower networks lose more to the casts than the faster products give back on a processor with AMX.</summary>
    public const int NarrowestGain = 128;

    private const int FirstCudaMajorWithBFloat16 = 8;

    public static Precision Resolve(Precision requested, Device device, int width) => requested switch
    {
        Precision.Float32 or Precision.BFloat16 => requested,
        Precision.Auto when device.type == DeviceType.CUDA =>
            CudaDriver.MajorComputeCapability(Math.Max(device.index, 0)) is { } major && major < FirstCudaMajorWithBFloat16
                ? Precision.Float32
                : Precision.BFloat16,
        Precision.Auto => ProcessorFeatures.HasAmxBFloat16 && width >= NarrowestGain ? Precision.BFloat16 : Precision.Float32,
        _ => throw new ArgumentOutOfRangeException(nameof(requested), requested, "Precision must be Auto, Float32 or BFloat16."),
    };
}
