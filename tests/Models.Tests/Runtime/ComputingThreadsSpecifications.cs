using static TorchSharp.torch;

namespace MLNetLlm.Models.Tests.Runtime;

public class ComputingThreadsSpecifications
{
    [Fact]
    public void ASmallNetworkTakesOneProcessorAndLeavesOtherThreadsTheirs()
    {
        using var network = TestNetworks.Create(TestNetworks.SmallConfig);
        var configured = OnNewThread(get_num_threads);

        Assert.Equal(1, OnNewThread(() => ThreadsFor(network)));
        Assert.Equal(configured, OnNewThread(get_num_threads));
    }

    [Fact]
    public void ALargeNetworkTakesMore()
    {
        using var network = TestNetworks.Create(TestNetworks.SmallConfig with { VocabularySize = 90_000, Width = 240, HeadCount = 4, LayerCount = 1 });
        var configured = OnNewThread(get_num_threads);

        Assert.Equal(Math.Min(configured, 2), OnNewThread(() => ThreadsFor(network)));
    }

    private static int ThreadsFor(TransformerModel network)
    {
        ComputingThreads.FitTo(network);
        return get_num_threads();
    }

    private static int OnNewThread(Func<int> work) => Task.Factory.StartNew(work, TaskCreationOptions.LongRunning).GetAwaiter().GetResult();
}
