using static TorchSharp.torch;

namespace MLNetLlm.Models.Tests.Networks;

public class GptModelSpecifications
{
    [Fact]
    public void TheSameSeedGivesTheSameWeightsAndTheGlobalGeneratorIsLeftAlone()
    {
        using var scope = NewDisposeScope();
        var before = get_rng_state();
        using var first = TestNetworks.Create(seed: 5);
        using var second = TestNetworks.Create(seed: 5);
        using var other = TestNetworks.Create(seed: 6);
        Assert.True(get_rng_state().equal(before).all().item<bool>());
        Assert.All(first.parameters().Zip(second.parameters()), pair => Assert.Equal(0, TestNetworks.LargestDifference(pair.First, pair.Second)));
        Assert.NotEqual(0, TestNetworks.LargestDifference(first.parameters().First(), other.parameters().First()));
    }

    [Fact]
    public void InitialWeightsHaveGpt2sDeviations()
    {
        using var scope = NewDisposeScope();
        using var network = TestNetworks.Create(TestNetworks.SmallConfig with { Width = 128, LayerCount = 8 });
        var byName = network.named_parameters().ToDictionary(pair => pair.Item1, pair => pair.Item2);
        Assert.Equal(0.02, byName["wte.weight"].std().item<float>(), 0.001);
        Assert.Equal(0.02, byName["h.0.attn.c_attn.weight"].std().item<float>(), 0.001);
        Assert.Equal(0.005, byName["h.3.attn.c_proj.weight"].std().item<float>(), 0.0003);
        Assert.Equal(0.005, byName["h.7.mlp.c_proj.weight"].std().item<float>(), 0.0003);
        Assert.Equal(0, byName["h.2.mlp.c_fc.bias"].abs().max().item<float>());
        Assert.Equal(1, byName["ln_f.weight"].min().item<float>());
    }

    [Fact]
    public void RightPaddingChangesNothing()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var network = TestNetworks.Create();
        var rows = TestNetworks.RandomRows(3, 5, 11, 1, 8);
        using var batch = TokenBatch.Create(rows, 7, CPU);
        var together = network.call(batch.Ids);
        for (var row = 0; row < rows.Length; row++)
        {
            var alone = network.call(TestNetworks.Ids(rows[row]))[0];
            Assert.Equal(0, TestNetworks.LargestDifference(alone, together[row].narrow(0, 0, rows[row].Length)), 1e-5);
        }
    }

    [Fact]
    public void LaterTokensDoNotReachEarlierOnes()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var network = TestNetworks.Create();
        var row = TestNetworks.RandomRows(4, 12)[0];
        var changed = row.ToArray();
        changed[^1] = (row[^1] + 1) % 300;
        var difference = (network.call(TestNetworks.Ids(row)) - network.call(TestNetworks.Ids(changed))).abs().amax([2])[0];
        Assert.Equal(0, difference.narrow(0, 0, 11).max().item<float>());
        Assert.NotEqual(0, difference[11].item<float>());
    }

    [Fact]
    public void IdsOfAnotherShapeOrTooManyAreRefused()
    {
        using var scope = NewDisposeScope();
        using var network = TestNetworks.Create();
        Assert.Contains("context length is 32", Assert.Throws<ArgumentException>(() => network.call(zeros(1, 33, ScalarType.Int64))).Message);
        Assert.Contains("Int64", Assert.Throws<ArgumentException>(() => network.call(zeros(1, 3))).Message);
        Assert.Throws<ArgumentException>(() => network.call(zeros(3, ScalarType.Int64)));
        Assert.Throws<ArgumentException>(() => network.call(zeros(1, 0, ScalarType.Int64)));
        Assert.Throws<ArgumentException>(() => network.Logits(zeros(1, 3)));
    }

    [Fact]
    public void OnlyTheLastBlocksLearnAfterFreezing()
    {
        using var scope = NewDisposeScope();
        using var network = TestNetworks.Create();
        network.train();
        network.FreezeAllBut(1);
        var ids = TestNetworks.Ids(TestNetworks.RandomRows(1, 6, 6));
        LanguageModelLoss.Backward(network, network.call(ids), ids);
        foreach (var (name, parameter) in network.named_parameters())
        {
            var learns = name.StartsWith("h.2.", StringComparison.Ordinal) || name.StartsWith("ln_f", StringComparison.Ordinal);
            Assert.True(learns == parameter.requires_grad, name);
            Assert.True(learns == parameter.grad is not null, name);
        }

        network.UnfreezeAll();
        LanguageModelLoss.Backward(network, network.call(ids), ids);
        Assert.All(network.parameters(), parameter => Assert.NotNull(parameter.grad));
        Assert.Throws<ArgumentOutOfRangeException>(() => network.FreezeAllBut(4));
        Assert.Throws<ArgumentOutOfRangeException>(() => network.FreezeAllBut(-1));
    }

    [Fact]
    public void FreezingChangesNoGradientOfWhatLearns()
    {
        using var scope = NewDisposeScope();
        using var network = TestNetworks.Create();
        network.train();
        var ids = TestNetworks.Ids(TestNetworks.RandomRows(1, 6, 6));
        LanguageModelLoss.Backward(network, network.call(ids), ids);
        var whole = network.named_parameters().ToDictionary(pair => pair.Item1, pair => pair.Item2.grad!.clone());
        network.zero_grad();
        network.FreezeAllBut(2);
        LanguageModelLoss.Backward(network, network.call(ids), ids);
        Assert.All(
            network.named_parameters().Where(pair => pair.Item2.requires_grad),
            pair => Assert.Equal(0, TestNetworks.LargestDifference(whole[pair.Item1], pair.Item2.grad!), 1e-6));
    }

    [Fact]
    public void DropoutIsRepeatableKeepsTheMeanAndIsOffInEvaluation()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var config = TestNetworks.SmallConfig with { Dropout = 0.5, AttentionDropout = 0.5 };
        using var network = TestNetworks.Create(config);
        var ids = TestNetworks.Ids(TestNetworks.RandomRows(1, 20, 20));
        var plain = network.call(ids);
        Assert.Equal(0, TestNetworks.LargestDifference(plain, network.call(ids)));
        network.train();
        network.SeedDropout(9);
        var first = network.call(ids);
        var second = network.call(ids);
        network.SeedDropout(9);
        Assert.Equal(0, TestNetworks.LargestDifference(first, network.call(ids)));
        Assert.NotEqual(0, TestNetworks.LargestDifference(first, second));
    }

    [Fact]
    public void DropoutZeroesItsShareAndScalesTheRest()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var network = TestNetworks.Create(TestNetworks.SmallConfig with { Dropout = 0.25, Width = 512, VocabularySize = 2, ContextLength = 256, LayerCount = 1 });
        foreach (var (name, parameter) in network.named_parameters())
        {
            parameter.fill_(name is "wte.weight" ? 1 : 0);
        }

        // With every block silent, the final norm's bias shows nothing and its weight shows the dropped embeddings.
        network.named_parameters().Single(pair => pair.Item1 == "ln_f.weight").Item2.fill_(1);
        network.train();
        var hidden = network.call(zeros(8, 256, ScalarType.Int64));
        var dropped = hidden.lt(0).to(ScalarType.Float32).mean().item<float>();
        Assert.Equal(0.25, dropped, 0.002);
    }

    [Fact]
    public void AttentionWithoutDropoutEqualsTheFusedOne()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        // So small a probability drops nothing, but takes the path that is spelled out.
        using var network = TestNetworks.Create(TestNetworks.SmallConfig with { AttentionDropout = 1e-12 });
        var ids = TestNetworks.Ids(TestNetworks.RandomRows(1, 20, 20));
        var fused = network.call(ids);
        network.train();
        Assert.Equal(0, TestNetworks.LargestDifference(fused, network.call(ids)), 1e-5);
    }
}
