using static TorchSharp.torch;

namespace MLNetLlm.Models.Tests.Networks;

public class RecomputationSpecifications
{
    [Theory]
    [MemberData(nameof(SmallFamilies.Names), MemberType = typeof(SmallFamilies))]
    public void Gradients_are_the_same_bit_for_bit(string family)
    {
        using var network = Network(family);
        // The embeddings of an encoder get their gradient as a head's and as their own, which over several parts add up in another order.
        var parts = family == "bert" ? 1 : 2;

        Assert.Equal(Gradients(network, recomputes: false, parts), Gradients(network, recomputes: true, parts));
    }

    [Fact]
    public void Gradients_of_16_bit_products_are_the_same_bit_for_bit()
    {
        using var network = Network("gpt2", Precision.BFloat16);

        Assert.Equal(Gradients(network, recomputes: false), Gradients(network, recomputes: true));
    }

    [Fact]
    public void Only_what_learns_gets_a_gradient()
    {
        using var network = Network("gpt2");
        network.FreezeAllBut(1);

        var recomputed = Gradients(network, recomputes: true);

        Assert.Equal(Gradients(network, recomputes: false), recomputed);
        Assert.All(recomputed.Keys, name => Assert.True(name.StartsWith("h.2.", StringComparison.Ordinal) || name.StartsWith("ln_f", StringComparison.Ordinal), name));
    }

    [Fact]
    public void Adapters_learn_the_same()
    {
        using var network = Network("gpt2");
        network.AddAdapters(new LoraOptions { Rank = 4, Dropout = 0.1, TargetModules = [LoraOptions.AllLinear] }, seed: 3);

        Assert.Equal(Gradients(network, recomputes: false), Gradients(network, recomputes: true));
    }

    [Fact]
    public void The_blocks_before_the_gradient_have_none_until_the_way_back_goes_on()
    {
        using var network = Network("gpt2");
        network.RecomputesActivations = true;
        using var hidden = network.call(Ids());
        using var sum = hidden.sum();
        sum.backward();
        var block = network.named_parameters().Single(pair => pair.name == "h.0.mlp.c_fc.weight").parameter;

        Assert.Null(block.grad);
        network.ContinueBackward();
        Assert.NotNull(block.grad);
    }

    [Fact]
    public void A_pass_that_nobody_goes_back_through_and_one_without_a_graph_leave_nothing_behind()
    {
        using var network = Network("gpt2");
        var expected = Gradients(network, recomputes: false);
        network.RecomputesActivations = true;
        network.call(Ids()).Dispose();
        using (no_grad())
        {
            network.call(Ids()).Dispose();
        }

        network.ContinueBackward();

        Assert.Equal(expected, Gradients(network, recomputes: true));
    }

    private static TransformerModel Network(string family, Precision precision = Precision.Float32)
    {
        var network = SmallFamilies.Create(SmallFamilies.Config(family) with { Dropout = 0.1 }, precision).Network;
        network.train();
        return network;
    }

    // Of as many passes as a step has parts: the second draws its random numbers where the first ended.
    private static SortedDictionary<string, float[]> Gradients(TransformerModel network, bool recomputes, int parts = 2)
    {
        using var scope = NewDisposeScope();
        network.RecomputesActivations = recomputes;
        network.SeedDropout(5);
        foreach (var parameter in network.parameters())
        {
            parameter.grad = null;
        }

        for (var part = 0; part < parts; part++)
        {
            var hidden = network.Forward(Ids(), tensor(new long[] { 12, 7 }));
            LanguageModelLoss.Backward(network, hidden, Ids());
            network.ContinueBackward();
        }

        return new(network.named_parameters().Where(pair => pair.parameter.grad is not null).ToDictionary(pair => pair.name, pair => TestNetworks.Values(pair.parameter.grad!)));
    }

    private static Tensor Ids() => TestNetworks.Ids(TestNetworks.RandomRows(seed: 2, 12, 12));
}
