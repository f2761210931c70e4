using static TorchSharp.torch;

namespace MLNetLlm.Models.Tests.Networks;

public class LlamaModelSpecifications
{
    [Theory]
    [MemberData(nameof(SmallFamilies.Llamas), MemberType = typeof(SmallFamilies))]
    public void HiddenStatesAreThoseOfTheLiteralDecoder(string name)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var model = SmallFamilies.Create(name);
        var literal = new LiteralLlama((LlamaConfig)model.Config, model.Network);
        foreach (var row in TestNetworks.RandomRows(9, 1, 7, 26))
        {
            var expected = literal.Hidden(row).SelectMany(x => x).ToArray();
            var found = TestNetworks.Values(model.Network.call(TestNetworks.Ids(row)));
            var largest = expected.Max(Math.Abs);
            Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, 1e-4 * largest));
        }
    }

    [Fact]
    public void AWindowHidesWhatIsFurtherAway()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var model = SmallFamilies.Create(((LlamaConfig)SmallFamilies.Config("mistral")) with { LayerCount = 1 });
        var row = TestNetworks.RandomRows(3, 12)[0];
        var changed = row.ToArray();
        changed[2] = (row[2] + 1) % 300;
        var difference = (model.Network.call(TestNetworks.Ids(row)) - model.Network.call(TestNetworks.Ids(changed))).abs().amax([2])[0];
        var reached = Enumerable.Range(0, 12).Where(position => difference[position].item<float>() > 0);
        Assert.Equal([2, 3, 4, 5, 6], reached);
    }

    [Fact]
    public void InitialWeightsHaveTheConfigurationsDeviations()
    {
        using var scope = NewDisposeScope();
        using var network = new LlamaModel(LlamaConfig.Tiny with { Width = 128, LayerCount = 8, TiedEmbeddings = false, AttentionBias = true }, Precision.Float32, CPU, 1);
        var parameters = SmallFamilies.Parameters(network);
        Assert.Equal(0.02, parameters["embed_tokens.weight"].std().item<float>(), 0.001);
        Assert.Equal(0.02, parameters["lm_head.weight"].std().item<float>(), 0.001);
        Assert.Equal(0.02, parameters["layers.7.mlp.gate_proj.weight"].std().item<float>(), 0.001);
        Assert.Equal(0.005, parameters["layers.3.self_attn.o_proj.weight"].std().item<float>(), 0.0003);
        Assert.Equal(0.005, parameters["layers.3.mlp.down_proj.weight"].std().item<float>(), 0.0003);
        Assert.Equal(0, parameters["layers.3.self_attn.q_proj.bias"].abs().max().item<float>());
        Assert.Equal(1, parameters["norm.weight"].min().item<float>());
    }

    [Fact]
    public void ADecoderWithoutItsHeadLoadsAndHasNoScores()
    {
        using var scope = NewDisposeScope();
        using var directory = new TemporaryDirectory();
        using (var model = SmallFamilies.Create((LlamaConfig)SmallFamilies.Config("llama") with { TiedEmbeddings = false, HasHead = false }))
        {
            model.Save(directory.Path);
        }

        using var loaded = LanguageModel.Load(directory.Path, Precision.Float32, "cpu");
        var hidden = loaded.Network.call(TestNetworks.Ids([1, 2, 3]));
        Assert.Contains("no vocabulary head", Assert.Throws<InvalidOperationException>(() => loaded.Network.Logits(hidden)).Message);
        Assert.Equal(loaded.Network.parameters().Sum(parameter => parameter.numel()), loaded.Config.ParameterCount);
    }

    [Fact]
    public void OldBuffersOfFrequenciesAndNamesWithoutPrefixAreFine()
    {
        using var scope = NewDisposeScope();
        using var directory = new TemporaryDirectory();
        using var model = SmallFamilies.Create("llama");
        model.Save(directory.Path);
        CheckpointFiles.Rewrite(directory, tensors => tensors
            .Select(pair => KeyValuePair.Create(pair.Key.Replace("model.", "", StringComparison.Ordinal), pair.Value))
            .Append(KeyValuePair.Create("layers.0.self_attn.rotary_emb.inv_freq", ones(4)))
            .Append(KeyValuePair.Create("lm_head.weight", ones(320, 32))));
        using var loaded = LanguageModel.Load(directory.Path, Precision.Float32, "cpu");
        Assert.All(
            model.Network.parameters().Zip(loaded.Network.parameters()), pair => Assert.Equal(0, TestNetworks.LargestDifference(pair.First, pair.Second)));
    }
}
