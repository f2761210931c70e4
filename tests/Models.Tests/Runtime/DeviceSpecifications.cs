using TorchSharp;
using static TorchSharp.torch;

namespace MLNetLlm.Models.Tests.Runtime;

/// <summary>What a network computes is the same wherever it lives. Without a GPU the processor is compared with itself, so that the comparison itself stays tested.</summary>
public class DeviceSpecifications
{
    public static TheoryData<string, string> Fixtures()
    {
        var data = new TheoryData<string, string>();
        foreach (var device in new[] { "cpu", "cuda" })
        {
            foreach (var fixture in new[] { "gpt2-tiny", "llama-tiny-gqa", "llama-tiny-ropescaled-tied", "bert-tiny" })
            {
                data.Add(device, fixture);
            }
        }

        return data;
    }

    [SkippableTheory]
    [MemberData(nameof(Fixtures))]
    public void HiddenStatesAndScoresAreTheProcessors(string device, string fixture)
    {
        var there = Select(device);
        using var scope = NewDisposeScope();
        using var expected = TransformerModel.Load(TestNetworks.Fixture(fixture), Precision.Float32, CPU);
        using var network = TransformerModel.Load(TestNetworks.Fixture(fixture), Precision.Float32, there);
        using var noGradient = no_grad();
        var ids = Rows(expected);
        var lengths = tensor(new long[] { 9, 5 });
        var hidden = expected.Forward(ids, lengths);
        var hiddenThere = network.Forward(ids.to(there), lengths.to(there));
        Near(hidden[0], hiddenThere[0].cpu());
        Near(hidden[1][..5], hiddenThere[1][..5].cpu());
        Near(expected.Logits(hidden[0]), network.Logits(hiddenThere[0]).cpu());
    }

    [SkippableTheory]
    [MemberData(nameof(Fixtures))]
    public void LossesAndGradientsAreTheProcessors(string device, string fixture)
    {
        var there = Select(device);
        using var scope = NewDisposeScope();
        using var expected = TransformerModel.Load(TestNetworks.Fixture(fixture), Precision.Float32, CPU);
        using var network = TransformerModel.Load(TestNetworks.Fixture(fixture), Precision.Float32, there);
        var ids = Rows(expected);
        var targets = ids.roll(-1, 1);
        var loss = LanguageModelLoss.Backward(expected, expected.forward(ids), targets);
        var lossThere = LanguageModelLoss.Backward(network, network.forward(ids.to(there)), targets.to(there));
        Assert.Equal(loss.item<float>(), lossThere.cpu().item<float>(), 1e-4f);
        foreach (var ((name, one), (_, other)) in expected.named_parameters().Zip(network.named_parameters()))
        {
            Assert.True((one.grad is null) == (other.grad is null), name);
            if (one.grad is not null)
            {
                Near(one.grad, other.grad!.cpu());
            }
        }
    }

    [SkippableTheory]
    [InlineData("cpu")]
    [InlineData("cuda")]
    public void GreedyContinuationsAreTheProcessors(string device)
    {
        var there = Select(device);
        using var model = TestNetworks.CreateLanguageModel();
        using var directory = new TemporaryDirectory();
        model.Save(directory.Path);
        using var loaded = LanguageModel.Load(directory.Path, Precision.Float32, there.ToString());
        string[] prompts = ["the cat", "the dog sat on", "free"];
        var options = new GenerationOptions { MaximumNewTokens = 12 };
        Assert.Equal(
            new TextGenerator(model).Generate(prompts, options).Select(text => text.Text),
            new TextGenerator(loaded).Generate(prompts, options).Select(text => text.Text));
    }

    private static Device Select(string device)
    {
        NativeRuntime.Initialize();
        Skip.If(device == "cuda" && !cuda.is_available(), "There is no GPU on this machine.");
        return ComputeDevice.Select(device);
    }

    private static Tensor Rows(TransformerModel network)
    {
        var random = new Random(4);
        return tensor(Enumerable.Range(0, 18).Select(_ => (long)random.Next(network.VocabularySize)).ToArray(), [2, 9]);
    }

    private static void Near(Tensor expected, Tensor actual) => Assert.True(
        TestNetworks.LargestDifference(expected, actual) <= 1e-4 * expected.abs().max().item<float>() + 1e-6,
        $"differs by {TestNetworks.LargestDifference(expected, actual)}");
}
