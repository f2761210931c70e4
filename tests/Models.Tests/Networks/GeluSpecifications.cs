using static TorchSharp.torch;

namespace MLNetLlm.Models.Tests.Networks;

public class GeluSpecifications
{
    // An odd number of values: what is left over after the processor's vectors counts, too.
    private static GptConfig Config(Activation activation) => new()
    {
        VocabularySize = 16, ContextLength = 8, LayerCount = 1, HeadCount = 1, Width = 4, FeedForwardWidth = 7, Dropout = 0, InitializerRange = 0.8, Activation = activation,
    };

    [Theory]
    [InlineData(Activation.GeluTanh)]
    [InlineData(Activation.Gelu)]
    public void GradientsAreTheSlopesOfTheLoss(Activation activation)
    {
        using var network = new GptModel(Config(activation), Precision.Float32, CPU, seed: 3);
        using var scope = NewDisposeScope();
        var (ids, targets) = (TestNetworks.Ids([[1, 2, 3]]), TestNetworks.Ids([[2, 3, 4]]));
        LanguageModelLoss.Backward(network, network.call(ids), targets);
        var weight = network.named_parameters().Single(pair => pair.name == "h.0.mlp.c_fc.weight").parameter;
        var gradient = TestNetworks.Values(weight.grad!);

        for (var place = 0; place < gradient.Length; place++)
        {
            Assert.Equal((Loss(place, 0.01) - Loss(place, -0.01)) / 0.02, gradient[place], 2e-3);
        }

        double Loss(int place, double change)
        {
            using var withoutGraph = no_grad();
            var value = weight.view(-1)[place];
            value.add_(change);
            var loss = LanguageModelLoss.Evaluate(network, network.call(ids), targets).item<float>();
            value.sub_(change);
            return loss;
        }
    }

    [Theory]
    [InlineData(Precision.Float32, 1e-5)]
    [InlineData(Precision.BFloat16, 0.05)]
    public void APassWithAGraphComputesWhatOneWithoutDoes(Precision precision, double tolerance)
    {
        using var network = new GptModel(Config(Activation.GeluTanh), precision, CPU, seed: 3);
        using var scope = NewDisposeScope();
        var ids = TestNetworks.Ids([[1, 2, 3], [7, 6, 5]]);
        using var withoutGraph = no_grad();
        var expected = TestNetworks.Values(network.call(ids));
        using var withGraph = enable_grad();

        Assert.All(TestNetworks.Values(network.call(ids)).Zip(expected), pair => Assert.Equal(pair.Second, pair.First, tolerance));
    }
}
