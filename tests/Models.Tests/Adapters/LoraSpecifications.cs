using System.Text.Json.Nodes;
using MLNetLlm.Models.Tests.Networks;
using static TorchSharp.torch;

namespace MLNetLlm.Models.Tests.Adapters;

public class LoraSpecifications
{
    private static readonly LoraOptions Options = new() { Rank = 4, Alpha = 12, Dropout = 0 };

    [Theory]
    [InlineData(Precision.Float32)]
    [InlineData(Precision.BFloat16)]
    public void NewAdaptersChangeNothing(Precision precision)
    {
        using var scope = NewDisposeScope();
        using var network = TestNetworks.Create(precision: precision);
        var ids = TestNetworks.Ids(TestNetworks.RandomRows(1, 9));
        using var noGradient = no_grad();
        var before = network.forward(ids);
        network.AddAdapters(Options, seed: 3);
        Assert.Equal(0, TestNetworks.LargestDifference(before, network.forward(ids)));
    }

    [Fact]
    public void AnAdaptedLayerActsAsItsWeightPlusTheScaledProduct()
    {
        using var scope = NewDisposeScope();
        using var network = TestNetworks.Create();
        using var literal = TestNetworks.Create();
        network.AddAdapters(Options with { TargetModules = ["h.1.mlp.c_fc"] }, seed: 3);
        Disturb(network);
        using var noGradient = no_grad();
        var parameters = network.named_parameters().ToDictionary(pair => pair.Item1, pair => pair.Item2);
        var (down, up) = (parameters["h.1.mlp.c_fc.lora.down"], parameters["h.1.mlp.c_fc.lora.up"]);
        Assert.Equal([4, 32], down.shape);
        Assert.Equal([128, 4], up.shape);
        literal.named_parameters().Single(pair => pair.Item1 == "h.1.mlp.c_fc.weight").Item2.add_(up.matmul(down) * (12.0 / 4));

        var ids = TestNetworks.Ids(TestNetworks.RandomRows(1, 9));
        var expected = literal.forward(ids);
        Assert.True(TestNetworks.LargestDifference(expected, network.forward(ids)) < 1e-5);
    }

    [Theory]
    [InlineData("c_attn")]
    [InlineData(LoraOptions.AllLinear)]
    public void OnlyAdaptersLearnAndMergingKeepsWhatTheyLearned(string target)
    {
        using var scope = NewDisposeScope();
        using var network = TestNetworks.Create();
        var original = network.named_parameters().ToDictionary(pair => pair.Item1, pair => pair.Item2.detach().clone());
        network.AddAdapters(Options with { TargetModules = [target], Dropout = 0.1 }, seed: 3);
        Disturb(network);
        network.train();
        var rows = TestNetworks.RandomRows(2, 12, 12);
        LanguageModelLoss.Backward(network, network.forward(TestNetworks.Ids(rows)), Next(rows));
        Assert.All(network.named_parameters(), pair =>
        {
            var isAdapter = pair.Item1.Contains(".lora.", StringComparison.Ordinal);
            Assert.Equal(isAdapter, pair.Item2.requires_grad);
            Assert.Equal(isAdapter, pair.Item2.grad is { } gradient && gradient.abs().sum().item<float>() > 0);
        });

        network.eval();
        using var noGradient = no_grad();
        var adapted = network.forward(TestNetworks.Ids(rows));
        Assert.All(
            network.named_parameters().Where(pair => original.ContainsKey(pair.Item1)),
            pair => Assert.Equal(0, TestNetworks.LargestDifference(original[pair.Item1], pair.Item2)));
        network.MergeAdapters();
        Assert.Equal(original.Keys.Order(), network.named_parameters().Select(pair => pair.Item1).Order());
        Assert.True(TestNetworks.LargestDifference(adapted, network.forward(TestNetworks.Ids(rows))) < 1e-4);
        Assert.All(network.parameters(), parameter => Assert.True(parameter.requires_grad));
    }

    [Fact]
    public void WhileMergedTheNetworkIsAPlainOneAndAfterwardsAsBefore()
    {
        using var scope = NewDisposeScope();
        using var network = TestNetworks.Create();
        network.AddAdapters(Options with { TargetModules = [LoraOptions.AllLinear] }, seed: 3);
        Disturb(network);
        using var noGradient = no_grad();
        var ids = TestNetworks.Ids(TestNetworks.RandomRows(1, 9));
        var adapted = network.forward(ids);
        var weights = network.named_parameters().ToDictionary(pair => pair.Item1, pair => pair.Item2.clone());

        Assert.Throws<InvalidOperationException>(() => network.WhileMerged(() =>
        {
            Assert.Null(network.Adapters);
            Assert.DoesNotContain(network.named_parameters(), pair => pair.Item1.Contains(".lora.", StringComparison.Ordinal));
            network.WeightsChanged();
            Assert.True(TestNetworks.LargestDifference(adapted, network.forward(ids)) < 1e-4);
            throw new InvalidOperationException("The disk is full.");
        }));

        Assert.NotNull(network.Adapters);
        Assert.Equal(weights.Keys.Order(), network.named_parameters().Select(pair => pair.Item1).Order());
        Assert.All(network.named_parameters(), pair => Assert.Equal(0, TestNetworks.LargestDifference(weights[pair.Item1], pair.Item2)));
        Assert.Equal(0, TestNetworks.LargestDifference(adapted, network.forward(ids)));
    }

    [Fact]
    public void EveryLinearLayerButTheHeadIsAdaptedOnceInAClassifierToo()
    {
        using var network = TestNetworks.Create();
        using var classifier = new TextClassifier(network, classCount: 2, Pooling.LastToken, dropout: 0, seed: 1);
        network.AddAdapters(Options with { TargetModules = [LoraOptions.AllLinear] }, seed: 3);

        var adapted = network.named_parameters().Select(pair => pair.Item1).Where(name => name.EndsWith(".lora.down", StringComparison.Ordinal)).ToList();
        Assert.Equal(4 * network.LayerCount, adapted.Count);
        Assert.DoesNotContain(adapted, name => name.Contains("head", StringComparison.Ordinal));
    }

    [Fact]
    public void RemovedAdaptersLeaveTheNetworkAsItWas()
    {
        using var scope = NewDisposeScope();
        using var network = TestNetworks.Create();
        using var noGradient = no_grad();
        var ids = TestNetworks.Ids(TestNetworks.RandomRows(1, 9));
        var before = network.forward(ids);
        network.AddAdapters(Options, seed: 3);
        Disturb(network);
        Assert.True(TestNetworks.LargestDifference(before, network.forward(ids)) > 1e-3);
        network.RemoveAdapters();
        Assert.Equal(0, TestNetworks.LargestDifference(before, network.forward(ids)));
    }

    [Fact]
    public void AdapterFilesHaveThePublicLayoutAndComeBack()
    {
        using var scope = NewDisposeScope();
        using var directory = new TemporaryDirectory();
        using var network = TestNetworks.Create();
        using var other = TestNetworks.Create();
        network.AddAdapters(Options with { TargetModules = ["c_proj", "c_attn"], Dropout = 0.25 }, seed: 3);
        Disturb(network);
        LoraCheckpoint.Save(network, directory.Path, "some/base");

        var config = JsonNode.Parse(File.ReadAllText(directory.File("adapter_config.json")))!;
        Assert.Equal("LORA", config["peft_type"]!.GetValue<string>());
        Assert.Equal(4, config["r"]!.GetValue<int>());
        Assert.Equal(12, config["lora_alpha"]!.GetValue<double>());
        Assert.True(config["fan_in_fan_out"]!.GetValue<bool>());
        Assert.Equal("some/base", config["base_model_name_or_path"]!.GetValue<string>());
        using (var reader = SafetensorsReader.Open(directory.File("adapter_model.safetensors")))
        {
            var shapes = reader.Entries.ToDictionary(entry => entry.Name, entry => string.Join("x", entry.Shape));
            Assert.Equal("4x32", shapes["base_model.model.transformer.h.0.attn.c_attn.lora_A.weight"]);
            Assert.Equal("96x4", shapes["base_model.model.transformer.h.0.attn.c_attn.lora_B.weight"]);
            Assert.Equal(3 * 3 * 2, shapes.Count);
        }

        LoraCheckpoint.Load(other, directory.Path);
        Assert.Equal(0.25, other.Adapters!.Dropout);
        using var noGradient = no_grad();
        var ids = TestNetworks.Ids(TestNetworks.RandomRows(1, 9));
        Assert.Equal(0, TestNetworks.LargestDifference(network.forward(ids), other.forward(ids)));
    }

    [Theory]
    [InlineData("llama", "base_model.model.model.layers.0.self_attn.q_proj", "CAUSAL_LM")]
    [InlineData("qwen2", "base_model.model.model.layers.0.self_attn.q_proj", "CAUSAL_LM")]
    [InlineData("mistral", "base_model.model.model.layers.0.self_attn.q_proj", "CAUSAL_LM")]
    [InlineData("bert", "base_model.model.bert.encoder.layer.0.attention.self.query", "FEATURE_EXTRACTION")]
    public void EveryFamilysFilesHaveThePublicNames(string family, string layer, string task)
    {
        using var scope = NewDisposeScope();
        using var directory = new TemporaryDirectory();
        using var model = SmallFamilies.Create(family);
        model.Network.AddAdapters(Options, seed: 3);

        LoraCheckpoint.Save(model.Network, directory.Path);

        var config = JsonNode.Parse(File.ReadAllText(directory.File("adapter_config.json")))!;
        Assert.Equal(task, config["task_type"]!.GetValue<string>());
        Assert.False(config["fan_in_fan_out"]!.GetValue<bool>());
        using var reader = SafetensorsReader.Open(directory.File("adapter_model.safetensors"));
        Assert.Equal([Options.Rank, model.Config.Width], reader.Entries.Single(entry => entry.Name == $"{layer}.lora_A.weight").Shape);
        Assert.Contains(reader.Entries, entry => entry.Name == $"{layer}.lora_B.weight");
    }

    [Fact]
    public void PlainWeightsOfANetworkWithAdaptersAreNotSavedOrCopiedByMistake()
    {
        using var directory = new TemporaryDirectory();
        using var model = TestNetworks.CreateLanguageModel();
        model.Network.AddAdapters(Options, seed: 3);
        Assert.Contains("adapters", Assert.Throws<InvalidOperationException>(() => model.Save(directory.File("model"))).Message);
        Assert.Contains("adapters", Assert.Throws<InvalidOperationException>(() => model.Clone()).Message);
        model.Network.MergeAdapters();
        model.Save(directory.File("model"));
    }

    [Fact]
    public void ATargetThatMatchesNothingIsRefusedWithTheNamesThereAre()
    {
        using var network = TestNetworks.Create();
        var exception = Assert.Throws<ArgumentException>(() => network.AddAdapters(Options with { TargetModules = ["q_proj"] }, seed: 1));
        Assert.Contains("'q_proj' matches no linear layer; there are c_attn, c_proj, c_fc", exception.Message);
        Assert.Null(network.Adapters);
        Assert.All(network.parameters(), parameter => Assert.True(parameter.requires_grad));
    }

    [Fact]
    public void SettingsThatMakeNoSenseAreRefusedByName()
    {
        using var network = TestNetworks.Create();
        foreach (var (name, options) in new (string, LoraOptions)[]
        {
            ("Rank", new() { Rank = 0 }), ("Rank", new() { Rank = 33 }), ("Alpha", new() { Alpha = double.NaN }),
            ("Dropout", new() { Dropout = 1 }), ("TargetModules", new() { TargetModules = [] }),
        })
        {
            Assert.Contains($"LoraOptions.{name}", Assert.Throws<ArgumentException>(() => network.AddAdapters(options, seed: 1)).Message);
        }
    }

    [Theory]
    [InlineData("\"peft_type\": \"LORA\"", "\"peft_type\": \"IA3\"", "peft_type")]
    [InlineData("\"use_dora\": false", "\"use_dora\": true", "use_dora")]
    [InlineData("\"r\": 4", "\"r\": 5", "lora_A.weight is [4, 32], expected [5, 32]")]
    [InlineData("\"c_attn\"", "\"q_proj\"", "q_proj")]
    public void FilesThatDoNotFitAreRefusedAndLeaveTheNetworkAsItWas(string found, string replaced, string named)
    {
        using var directory = new TemporaryDirectory();
        using var network = TestNetworks.Create();
        network.AddAdapters(Options, seed: 3);
        LoraCheckpoint.Save(network, directory.Path);
        network.RemoveAdapters();
        var file = directory.File("adapter_config.json");
        Assert.Contains(found, File.ReadAllText(file));
        File.WriteAllText(file, File.ReadAllText(file).Replace(found, replaced, StringComparison.Ordinal));

        Assert.Contains(named, Assert.Throws<InvalidDataException>(() => LoraCheckpoint.Load(network, directory.Path)).Message);
        Assert.Null(network.Adapters);
        Assert.All(network.parameters(), parameter => Assert.True(parameter.requires_grad));
    }

    // Adapters start without effect; this gives them one.
    private static void Disturb(TransformerModel network)
    {
        using var noGradient = no_grad();
        using var generator = new Generator(7, CPU);
        foreach (var (_, parameter) in network.named_parameters().Where(pair => pair.Item1.EndsWith("lora.up", StringComparison.Ordinal)))
        {
            parameter.normal_(0, 0.2, generator);
        }
    }

    private static Tensor Next(int[][] rows) =>
        TestNetworks.Ids(Array.ConvertAll(rows, row => row.Skip(1).Append((int)LanguageModelLoss.Ignored).ToArray()));
}
