// Random state and thread counts belong to the process, so tests that set them must not overlap.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Packages.TorchSharp.Tests;

internal static class Expect
{
    internal static void Values(Tensor actual, params double[] expected) => Values(actual, 1e-5, expected);

    internal static void Values(Tensor actual, double tolerance, double[] expected)
    {
        var values = actual.detach().cpu().to(ScalarType.Float64).data<double>().ToArray();
        Assert.Equal(expected.Length, values.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            var difference = Math.Abs(expected[i] - values[i]);
            Assert.True(
                difference <= tolerance * Math.Max(1, Math.Abs(expected[i])) || expected[i].Equals(values[i]),
                $"element {i}: expected {expected[i]}, found {values[i]}");
        }
    }

    internal static void Close(Tensor expected, Tensor actual, double tolerance = 1e-5)
    {
        Assert.Equal(expected.shape, actual.shape);
        Values(actual, tolerance, expected.detach().cpu().to(ScalarType.Float64).data<double>().ToArray());
    }

    internal static void Shape(Tensor actual, params long[] expected) => Assert.Equal(expected, actual.shape);
}
