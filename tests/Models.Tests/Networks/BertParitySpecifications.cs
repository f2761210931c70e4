using System.Text.Json.Nodes;
using static TorchSharp.torch;

namespace MLNetLlm.Models.Tests.Networks;

/// <summary>The encoder must compute the reference's function, gradients and training steps, padded rows together.</summary>
public class BertParitySpecifications
{
    [Fact]
    public void HiddenStatesAndHeadsAreTheReferences()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var fixture = new ParityFixture("bert-tiny");
        var network = Assert.IsType<BertModel>(fixture.Network);
        var (ids, lengths, types) = Batch(fixture.Expected["batch"]!);
        var hidden = network.Forward(ids, lengths, types);
        var pooled = network.Pool(hidden, lengths, Pooling.Pooler);
        var pairs = network.PairLogits(pooled);
        var sequences = fixture.Expected["sequences"]!.AsArray();
        for (var row = 0; row < sequences.Count; row++)
        {
            var expected = sequences[row]!;
            var length = expected["length"]!.GetValue<int>();
            Assert.Equal(length, lengths[row].item<long>());
            var states = hidden[row].narrow(0, 0, length);
            ParityFixture.CheckRows(states, expected["last_hidden_state"]!);
            for (var position = 0; position < length; position++)
            {
                ParityFixture.CheckStart(states[position], ParityFixture.Numbers(expected["last_hidden_state_first8"]![position]!));
            }

            var logits = network.Logits(states);
            ParityFixture.CheckRows(logits, expected["mlm_logits"]!);
            var first = expected["mlm_logits_first32"]!;
            ParityFixture.CheckStart(logits[first["position"]!.GetValue<int>()], ParityFixture.Numbers(first["values"]!));
            ParityFixture.CheckStart(pooled[row], ParityFixture.Numbers(expected["pooler_output"]!));
            ParityFixture.CheckStart(pairs[row], ParityFixture.Numbers(expected["seq_relationship_logits"]!));
        }
    }

    [Fact]
    public void GradientsAndAdamWStepsAreTheReferences()
    {
        using var scope = NewDisposeScope();
        var fixture = new ParityFixture("bert-tiny");
        var batch = fixture.Expected["train"]!["batch"]!;
        var (ids, lengths, types) = Batch(batch);
        var labels = TestNetworks.Ids(ParityFixture.Rows(batch["labels"]!));
        fixture.CheckTraining(() => LanguageModelLoss.Backward(fixture.Network, fixture.Network.Forward(ids, lengths, types), labels));
    }

    private static (Tensor Ids, Tensor Lengths, Tensor Types) Batch(JsonNode batch) => (
        TestNetworks.Ids(ParityFixture.Rows(batch["input_ids"]!)),
        tensor(ParityFixture.Rows(batch["attention_mask"]!).Select(row => (long)row.Sum()).ToArray()),
        TestNetworks.Ids(ParityFixture.Rows(batch["token_type_ids"]!)));
}
