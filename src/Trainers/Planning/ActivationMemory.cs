using System.Numerics;
using MLNetLlm.Models;
using TorchSharp;

namespace MLNetLlm.Trainers;

/// <summary>What layers keep for the backward pass, estimated, and how many tokens go through a network at once because of it.</summary>
internal static class ActivationMemory
{
    private const int FewestTokensAtOnce = 512;
    private const int MostTokensAtOnce = 1_024;
    private const int TokensAtOnceOnGpu = 16_384;

    // A weight, its gradient and its two moments.
    private const long BytesPerWeight = 16;

    // Saving less than that would not be noticed beside libtorch's 200 MB, and every part costs some time of its own.
    private const long NegligibleBytes = 64 << 20;

    /// <summary>
    /// A layer keeps its inputs, norms, projections, the inner vectors of the feed-forward part and the weights of attention.
    /// Networks of 4 layers, 128 to 512 wide, windows of 128 and 256, batches of 16 and 32: a process on a processor grew by 0.8
    /// to 1.05 of the estimate.
    /// </summary>
    /// <param name="network">Shape of the network.</param>
    /// <param name="window">Tokens of a row.</param>
    /// <param name="precision">Number type of the products.</param>
    /// <param name="recomputes">Whether only what goes into each block is kept.</param>
    public static long BytesPerToken(TransformerConfig network, int window, Precision precision, bool recomputes)
    {
        var bytesPerWidth = precision == Precision.BFloat16 ? 50L : 80L;
        var bytesPerScore = (network.Dropout > 0 ? 8L : 4L) + (precision == Precision.BFloat16 ? 0 : 4);
        var layer = network.Width * bytesPerWidth + network.HeadCount * window * bytesPerScore;
        var layers = recomputes ? layer + network.LayerCount * 4L * network.Width : network.LayerCount * layer;
        return layers + 8L * network.Width;
    }

    /// <summary>The user's limit of tokens that go through a network at once, or else one that suits network and device.</summary>
    /// <param name="training">May hold the user's limit.</param>
    /// <param name="network">Shape of the network; <see langword="null"/> where what learns is none.</param>
    /// <param name="window">Tokens of a row.</param>
    /// <param name="precision">Number type of the products.</param>
    /// <param name="device">Where it trains.</param>
    public static int TokensAtOnce(TrainingOptions training, TransformerConfig? network, int window, Precision precision, DeviceType device)
    {
        if (training.MaximumTokensPerForward is { } given)
        {
            return given;
        }

        if (device != DeviceType.CPU)
        {
            return TokensAtOnceOnGpu;
        }

        if (network is null)
        {
            return MostTokensAtOnce;
        }

        // Powers of two make parts of few shapes.
        var affordable = Math.Max(NegligibleBytes, BytesPerWeight * network.ParameterCount) / BytesPerToken(network, window, precision, training.RecomputesActivations);
        return affordable < FewestTokensAtOnce ? FewestTokensAtOnce : 1 << BitOperations.Log2((uint)Math.Min(affordable, MostTokensAtOnce));
    }
}
