using TorchSharp;
using static TorchSharp.torch;

namespace MLNetLlm.Models;

/// <summary>What <see cref="Precision.Auto"/> means on a device for a network of a given width.</summary>
internal static class PrecisionRule
{
    /// <summary>
    /// The narrowest network that gains from bfloat16 on a processor with AMX. Measured on one core of a Sapphire Rapids with
    /// OpenBLAS and oneDNN, 4 layers, exact GELU, vocabulary 2,048, Float32 against BFloat16:
    /// <code>
    /// width   training step 32 x 25   training step 16 x 128   forward 16 x 128   forward 1 x 25
    ///    64     54 ->  45 ms            143 ->  99 ms             24 ->  15 ms      0.4 ->  0.7 ms
    ///   128     97 ->  56               294 -> 119                65 ->  23         0.9 ->  0.9
    ///   192    129 ->  54               356 -> 178                84 ->  47         1.5 ->  1.1
    ///   256    223 ->  98               602 -> 245               149 ->  60         2.5 ->  1.7
    ///   384    402 -> 201              1023 -> 396               289 -> 112         5.1 ->  2.4
    ///   768   1300 -> 598              4510 -> 1612             1400 -> 513        42   -> 17
    /// </code>
    /// Below 128 a single prediction loses more to the casts than training gains.
    /// </summary>
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
