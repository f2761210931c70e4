using static TorchSharp.torch;

namespace MLNetLlm.Models.Tests.Runtime;

public class ConcurrencySpecifications
{
    private const int ThreadCount = 8;
    private const int LongestText = 500;
    private const int TextsPerThread = 350;

    /// <summary>
    /// More shapes than libtorch and oneDNN keep, on several threads: with the stores as libtorch sets them, this ends with
    /// "bad_alloc", "bad_array_new_length", "Broken promise" or the end of the process.
    /// </summary>
    [Fact]
    public async Task TextsOfManyLengthsOnManyThreadsAreComputedAsOnOne()
    {
        using var network = TestNetworks.Create(
            TestNetworks.SmallConfig with { ContextLength = LongestText, LayerCount = 1 }, Precision.BFloat16);
        var one = Sums(network, seed: 0, count: TextsPerThread);
        var many = await Task.WhenAll(Enumerable.Range(0, ThreadCount).Select(thread => Task.Factory.StartNew(
            () => Sums(network, thread, TextsPerThread), TaskCreationOptions.LongRunning)));
        Assert.Equal(one, many[0]);
    }

    private static double[] Sums(GptModel network, int seed, int count)
    {
        using var noGradient = no_grad();
        var random = new Random(seed);
        return Enumerable.Range(0, count).Select(_ =>
        {
            using var scope = NewDisposeScope();
            var ids = TestNetworks.Ids(TestNetworks.RandomRows(seed, random.Next(2, LongestText)));
            return network.Forward(ids, null).sum(ScalarType.Float64).item<double>();
        }).ToArray();
    }
}
