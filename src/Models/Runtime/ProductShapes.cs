using TorchSharp;

namespace MLNetLlm.Models;

/// <summary>
/// Round shapes of products. On a processor oneDNN compiles 16-bit products for every shape, 0.7 ms and 0.1 MB each where the
/// product itself takes 0.02 ms; round shapes find what was compiled before. The matrix unit works on 16 rows at a time, so
/// that the padding costs next to nothing.
/// </summary>
internal static class ProductShapes
{
    private const int LengthMultiple = 8;
    private const int RowMultiple = 32;

    /// <summary>The length to which rows of tokens are padded.</summary>
    /// <param name="longest">Tokens of the longest row.</param>
    /// <param name="most">What the network or its cache can take.</param>
    /// <param name="network">Computes the products.</param>
    public static int PaddedLength(int longest, long most, TransformerModel network) =>
        AreCompiled(network) ? (int)Math.Max(longest, Math.Min(most, RoundUp(longest, LengthMultiple))) : longest;

    /// <summary>The number of hidden states to which those are padded that a loss needs the scores of.</summary>
    /// <param name="rows">Those that are needed.</param>
    /// <param name="network">Computes the products.</param>
    public static long PaddedRows(long rows, TransformerModel network) => AreCompiled(network) ? RoundUp(rows, RowMultiple) : rows;

    private static bool AreCompiled(TransformerModel network) => network.Precision == Precision.BFloat16 && network.Device.type == DeviceType.CPU;

    private static long RoundUp(long number, int multiple) => (number + multiple - 1) / multiple * multiple;
}
