using TorchSharp;

namespace MLNetLlm.Models;

/// <summary>
/// Lengths of padded rows. On a processor oneDNN compiles 16-bit products for every shape, 0.7 ms each where the product itself
/// takes 0.02 ms; rounded lengths make texts of all lengths find what was compiled before. The matrix unit works on 16
/// rows at a time, so that the padding costs next to nothing.
/// </summary>
internal static class ProductShapes
{
    private const int Multiple = 8;

    /// <summary>The length to which rows are padded.</summary>
    /// <param name="longest">Tokens of the longest row.</param>
    /// <param name="most">What the network or its cache can take.</param>
    /// <param name="network">Computes the products.</param>
    public static int PaddedLength(int longest, long most, TransformerModel network) =>
        network.Precision != Precision.BFloat16 || network.Device.type != DeviceType.CPU
            ? longest
            : (int)Math.Max(longest, Math.Min(most, (longest + Multiple - 1) / Multiple * Multiple));
}
