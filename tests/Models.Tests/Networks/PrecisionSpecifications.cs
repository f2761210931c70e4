using static TorchSharp.torch;

namespace MLNetLlm.Models.Tests.Networks;

public class PrecisionSpecifications
{
    [Fact]
    public void BFloat16IsCloseToFloat32AndKeepsItsWeightsIn32Bits()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var exact = TestNetworks.Create();
        using var narrow = TestNetworks.Create(precision: Precision.BFloat16);
        var ids = TestNetworks.Ids(TestNetworks.RandomRows(2, 16, 16));
        var (expected, found) = (exact.call(ids), narrow.call(ids));
        Assert.Equal(ScalarType.Float32, found.dtype);
        Assert.All(narrow.parameters(), parameter => Assert.Equal(ScalarType.Float32, parameter.dtype));
        var difference = TestNetworks.LargestDifference(expected, found);
        Assert.InRange(difference, 1e-7, 0.05);
        Assert.Equal(ScalarType.Float32, narrow.Logits(found).dtype);
    }

    // What attention adds to the hidden states, averaged over many masks, is what it adds without dropout.
    [Theory]
    [InlineData(Precision.Float32)]
    [InlineData(Precision.BFloat16)]
    public void DroppingAttentionWeightsKeepsTheirExpectedEffect(Precision precision)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var config = TestNetworks.SmallConfig with { LayerCount = 1, Dropout = 0, AttentionDropout = 0.4 };
        using var network = new GptModel(config, precision, CPU, seed: 11);
        var ids = TestNetworks.Ids(TestNetworks.RandomRows(2, 16, 16));
        network.eval();
        var whole = network.call(ids);
        var output = network.named_parameters().Single(pair => pair.Item1 == "h.0.attn.c_proj.weight").Item2;
        using var weights = output.clone();
        output.zero_();
        network.WeightsChanged();
        var without = network.call(ids);
        output.copy_(weights);
        network.train();
        var mean = zeros_like(whole);
        for (var seed = 0; seed < 400; seed++)
        {
            using var passScope = NewDisposeScope();
            network.SeedDropout(seed);
            mean.add_(network.call(ids), alpha: 1 / 400.0);
        }

        var (expected, found) = (whole - without, mean - without);
        Assert.Equal(1, ((expected * found).sum() / expected.square().sum()).item<float>(), 0.05);
    }

    [Fact]
    public void BFloat16GradientsPointTheSameWay()
    {
        using var scope = NewDisposeScope();
        using var exact = TestNetworks.Create();
        using var narrow = TestNetworks.Create(precision: Precision.BFloat16);
        var ids = TestNetworks.Ids(TestNetworks.RandomRows(2, 16, 16));
        foreach (var network in new[] { exact, narrow })
        {
            network.train();
            LanguageModelLoss.Backward(network, network.call(ids), ids);
        }

        foreach (var (left, right) in exact.parameters().Zip(narrow.parameters()))
        {
            var (first, second) = (left.grad!.reshape(-1), right.grad!.reshape(-1));
            Assert.Equal(ScalarType.Float32, second.dtype);
            Assert.InRange((first.dot(second) / (first.norm() * second.norm())).item<float>(), 0.99, 1.0001);
        }
    }

    [Fact]
    public void CastWeightsAreRenewedWhenTrainingChangesThem()
    {
        using var scope = NewDisposeScope();
        using var network = TestNetworks.Create(precision: Precision.BFloat16);
        var ids = TestNetworks.Ids(TestNetworks.RandomRows(2, 8));
        var before = Hidden(network, ids);
        network.train();
        Perturb(network);
        network.eval();
        var after = Hidden(network, ids);
        Assert.NotEqual(0, TestNetworks.LargestDifference(before, after));
        Perturb(network);
        network.WeightsChanged();
        Assert.NotEqual(0, TestNetworks.LargestDifference(after, Hidden(network, ids)));
    }

    [Fact]
    public void AForwardPassWithoutGradientsInTheMiddleOfTrainingSeesTheNewWeights()
    {
        using var scope = NewDisposeScope();
        using var network = TestNetworks.Create(precision: Precision.BFloat16);
        var ids = TestNetworks.Ids(TestNetworks.RandomRows(2, 8));
        network.train();
        var before = Hidden(network, ids);
        Perturb(network);
        Assert.NotEqual(0, TestNetworks.LargestDifference(before, Hidden(network, ids)));
    }

    [Fact]
    public void SettingThePrecisionTakesEffectAtOnce()
    {
        using var scope = NewDisposeScope();
        using var network = TestNetworks.Create();
        using var reference = TestNetworks.Create(precision: Precision.BFloat16);
        var ids = TestNetworks.Ids(TestNetworks.RandomRows(2, 8));
        network.Precision = Precision.BFloat16;
        Assert.Equal(Precision.BFloat16, network.Precision);
        Assert.Equal(0, TestNetworks.LargestDifference(Hidden(reference, ids), Hidden(network, ids)));
        network.Precision = Precision.Auto;
        Assert.NotEqual(Precision.Auto, network.Precision);
        Assert.Throws<ArgumentOutOfRangeException>(() => network.Precision = (Precision)9);
    }

    [Fact]
    public void AutoIsFloat32WhereTheProcessorHasNoBFloat16Products()
    {
        using var network = TestNetworks.Create(TestNetworks.SmallConfig with { Width = 1024, LayerCount = 1 }, Precision.Auto);
        var expected = NativeRuntime.Describe().HasAmxBFloat16 ? Precision.BFloat16 : Precision.Float32;
        Assert.Equal(expected, network.Precision);
    }

    private static Tensor Hidden(GptModel network, Tensor ids)
    {
        using var noGradient = no_grad();
        return network.call(ids);
    }

    private static void Perturb(GptModel network)
    {
        using var noGradient = no_grad();
        foreach (var parameter in network.parameters().Where(parameter => parameter.ndim == 2))
        {
            parameter.mul_(1.5);
        }
    }
}
