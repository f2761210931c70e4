using System.Runtime.Intrinsics;

namespace MLNetLlm.Models;

/// <summary>exp(x) of numbers at most 0, to 2 units in the last place: 2^n e^r with |r| at most ln(2)/2 (Cody and Waite 1980).</summary>
internal static class Exponential
{
    // Below this the result would be subnormal.
    private const float Smallest = -87.3f;
    private const float UpperLog2 = 0.693359375f;
    private const float LowerLog2 = -2.12194440e-4f;

    public static Vector512<float> Of(Vector512<float> x)
    {
        var bounded = Vector512.Max(x, Vector512.Create(Smallest));
        var power = Vector512.Round(bounded * 1.44269504f);
        var rest = Vector512.FusedMultiplyAdd(power, Vector512.Create(-LowerLog2), Vector512.FusedMultiplyAdd(power, Vector512.Create(-UpperLog2), bounded));
        var series = Vector512.Create(1.9875691500e-4f);
        series = Vector512.FusedMultiplyAdd(series, rest, Vector512.Create(1.3981999507e-3f));
        series = Vector512.FusedMultiplyAdd(series, rest, Vector512.Create(8.3334519073e-3f));
        series = Vector512.FusedMultiplyAdd(series, rest, Vector512.Create(4.1665795894e-2f));
        series = Vector512.FusedMultiplyAdd(series, rest, Vector512.Create(1.6666665459e-1f));
        series = Vector512.FusedMultiplyAdd(series, rest, Vector512.Create(5.0000001201e-1f));
        var value = Vector512.FusedMultiplyAdd(series, rest * rest, rest + Vector512<float>.One);
        return value * ((Vector512.ConvertToInt32(power) + Vector512.Create(127)) << 23).AsSingle();
    }
}
