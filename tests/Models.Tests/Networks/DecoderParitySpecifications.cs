using System.Text.Json.Nodes;
using static TorchSharp.torch;

namespace MLNetLlm.Models.Tests.Networks;

/// <summary>Decoders must compute the reference's function, gradients, training steps and continuations.</summary>
public class DecoderParitySpecifications
{
    public static TheoryData<string> Fixtures() => ["gpt2-tiny", "gpt2-tiny-noprefix", "llama-tiny-gqa", "llama-tiny-ropescaled-tied"];

    [Theory]
    [MemberData(nameof(Fixtures))]
    public void LogitsAndLossAreTheReferences(string name)
    {
        using var scope = NewDisposeScope();
        var fixture = new ParityFixture(name);
        using var noGradient = no_grad();
        foreach (var sequence in fixture.Expected["sequences"]!.AsArray())
        {
            var ids = ParityFixture.Integers(sequence!["input_ids"]!);
            var hidden = fixture.Network.call(TestNetworks.Ids(ids));
            var logits = fixture.Network.Logits(hidden).squeeze(0);
            ParityFixture.CheckRows(logits, sequence["logits"]!);
            ParityFixture.CheckStart(logits[-1], ParityFixture.Numbers(sequence["last_logits_first32"]!));
            var loss = LanguageModelLoss.Evaluate(fixture.Network, hidden, ParityFixture.NextTokens([ids]));
            ParityFixture.Near(sequence["loss"]!.GetValue<double>(), loss.item<float>(), 1e-5, "loss");
        }
    }

    [Theory]
    [MemberData(nameof(Fixtures))]
    public void GradientsAndAdamWStepsAreTheReferences(string name)
    {
        using var scope = NewDisposeScope();
        var fixture = new ParityFixture(name);
        var rows = ParityFixture.Rows(fixture.Expected["train"]!["batch"]!["input_ids"]!);
        fixture.CheckTraining(() => LanguageModelLoss.Backward(
            fixture.Network, fixture.Network.call(TestNetworks.Ids(rows)), ParityFixture.NextTokens(rows)));
    }

    [Theory]
    [MemberData(nameof(Fixtures))]
    public void GreedyContinuationIsTheReferences(string name)
    {
        using var scope = NewDisposeScope();
        var fixture = new ParityFixture(name);
        using var noGradient = no_grad();
        foreach (var greedy in fixture.Expected["greedy"]!.AsArray())
        {
            var ids = ParityFixture.Integers(greedy!["prompt"]!).ToList();
            var promptLength = ids.Count;
            for (var step = 0; step < 16; step++)
            {
                var hidden = fixture.Network.call(TestNetworks.Ids(ids.ToArray()));
                ids.Add((int)fixture.Network.Logits(hidden[0, -1]).argmax().item<long>());
            }

            Assert.Equal(ParityFixture.Integers(greedy["new_ids"]!), ids.Skip(promptLength));
        }
    }

    [SkippableFact]
    public void ThePublicTinyRandomCheckpointGivesItsPublishedContinuations()
    {
        using var scope = NewDisposeScope();
        using var directory = new TemporaryDirectory();
        File.Copy(Repository.SharedFile("data", "tiny_random_gpt2", "model.safetensors"), directory.File("model.safetensors"));
        File.WriteAllText(directory.File("config.json"), new GptConfig
        {
            VocabularySize = 1000, ContextLength = 512, LayerCount = 5, HeadCount = 4, Width = 32, Dropout = 0,
        }.ToJson());
        var network = TransformerModel.Load(directory.Path, Precision.Float32, CPU);
        using var noGradient = no_grad();
        var expected = JsonNode.Parse(File.ReadAllText(Repository.SharedFile("data", "tiny_random_gpt2", "expected.json")))!;
        foreach (var (prompt, answer) in expected["cases"]!.AsObject())
        {
            var ids = ParityFixture.Integers(JsonNode.Parse(prompt)!).ToList();
            var first = network.Logits(network.call(TestNetworks.Ids(ids.ToArray()))[0, -1]);
            var logits = TestNetworks.Values(first)[..10];
            Assert.All(ParityFixture.Numbers(answer!["first_step_logits_0_9"]!).Zip(logits), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
            while (ids.Count < 10)
            {
                ids.Add((int)network.Logits(network.call(TestNetworks.Ids(ids.ToArray()))[0, -1]).argmax().item<long>());
            }

            Assert.Equal(ParityFixture.Integers(answer["greedy"]!), ids);
        }
    }
}
