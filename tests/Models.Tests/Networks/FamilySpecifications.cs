using System.Text.Json.Nodes;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNetLlm.Models.Tests.Networks;

/// <summary>What holds for the networks of every family.</summary>
public class FamilySpecifications
{
    [Theory]
    [MemberData(nameof(SmallFamilies.Names), MemberType = typeof(SmallFamilies))]
    public void RowsOfDifferentLengthsTogetherEqualEachAlone(string name)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var model = SmallFamilies.Create(name);
        var rows = TestNetworks.RandomRows(3, 5, 30, 1, 14, 30);
        using var batch = TokenBatch.Create(rows, 7, CPU);
        var together = model.Network.Forward(batch.Ids, batch.Lengths);
        for (var row = 0; row < rows.Length; row++)
        {
            var alone = model.Network.call(TestNetworks.Ids(rows[row]))[0];
            var tolerance = 1e-5 * alone.abs().max().item<float>();
            Assert.Equal(0, TestNetworks.LargestDifference(alone, together[row].narrow(0, 0, rows[row].Length)), tolerance);
        }
    }

    [Theory]
    [MemberData(nameof(SmallFamilies.Names), MemberType = typeof(SmallFamilies))]
    public void DocumentsSideBySideEqualEachAlone(string name)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var model = SmallFamilies.Create(name);
        var documents = TestNetworks.RandomRows(1, 7, 15, 1, 20);
        var ids = TestNetworks.Ids([.. documents.SelectMany(row => row)]);
        var numbers = tensor(documents.SelectMany((row, number) => row.Select(_ => (long)number)).ToArray(), [1, 43]);
        var together = model.Network.ForwardDocuments(cat([ids, ids]), cat([numbers, numbers]));
        var start = 0L;
        foreach (var document in documents)
        {
            var alone = model.Network.call(TestNetworks.Ids(document))[0];
            var tolerance = 1e-5 * alone.abs().max().item<float>();
            Assert.Equal(0, TestNetworks.LargestDifference(alone, together[1].narrow(0, start, document.Length)), tolerance);
            start += document.Length;
        }
    }

    [Theory]
    [MemberData(nameof(SmallFamilies.Decoders), MemberType = typeof(SmallFamilies))]
    public void TextsOfDifferentLengthsAreContinuedTogetherAsEachAlone(string name)
    {
        using var model = SmallFamilies.Create(name);
        var generator = new TextGenerator(model);
        var options = new GenerationOptions { MaximumNewTokens = name == "llama, dynamic" ? 2 : 14, StopAtEndOfText = false };
        var prompts = TestNetworks.RandomRows(6, 4, 9, 1, 7, 9);
        Assert.Equal(prompts.Select(prompt => generator.Generate(prompt, options).TokenIds), generator.Generate(prompts, options).Select(text => text.TokenIds));
    }

    [Theory]
    [MemberData(nameof(SmallFamilies.Names), MemberType = typeof(SmallFamilies))]
    public void NoTensorIsLeftBehind(string name)
    {
        using var model = SmallFamilies.Create(SmallFamilies.Config(name) with { Dropout = 0.1 });
        var network = model.Network;
        var rows = TestNetworks.RandomRows(1, 9, 20);
        Step();
        var statistics = DisposeScopeManager.Statistics;
        var live = statistics.ThreadTotalLiveCount;
        Step();
        Assert.Equal(live, statistics.ThreadTotalLiveCount);

        void Step()
        {
            using var batch = TokenBatch.Create(rows, 0, CPU);
            network.train();
            using (var hidden = network.Forward(batch.Ids, batch.Lengths))
            using (var loss = LanguageModelLoss.Backward(network, hidden, batch.Ids))
            {
                network.zero_grad();
            }

            network.eval();
            using var noGradient = no_grad();
            using var states = network.Forward(batch.Ids, batch.Lengths);
            using var pooled = network.Pool(states, batch.Lengths, network.DefaultPooling);
            using var pairs = (network as BertModel)?.PairLogits(pooled);
        }
    }

    [Theory]
    [MemberData(nameof(SmallFamilies.Decoders), MemberType = typeof(SmallFamilies))]
    public void KeptKeysAndValuesGiveTheTokensOfAWholeForwardPass(string name)
    {
        // Dynamic scaling turns kept keys by the angles of the time when they were written, so it stays within its context here.
        var newTokens = name == "llama, dynamic" ? 3 : 24;
        using var model = SmallFamilies.Create(name);
        var generator = new TextGenerator(model);
        foreach (var prompt in TestNetworks.RandomRows(5, 1, 4, 9))
        {
            var options = new GenerationOptions { MaximumNewTokens = newTokens, StopAtEndOfText = false };
            Assert.Equal(WithoutCache(model, prompt, newTokens), generator.Generate(prompt, options).TokenIds);
        }
    }

    [Theory]
    [MemberData(nameof(SmallFamilies.Names), MemberType = typeof(SmallFamilies))]
    public void SavingAndLoadingChangesNoBitNameOrKey(string name)
    {
        using var scope = NewDisposeScope();
        using var directory = new TemporaryDirectory();
        using var again = new TemporaryDirectory();
        using var model = SmallFamilies.Create(name);
        model.Save(directory.Path);
        var config = JsonNode.Parse(File.ReadAllText(directory.File("config.json")))!.AsObject();
        config["unknown"] = new JsonObject { ["deep"] = 1 };
        config["torch_dtype"] = "float32";
        File.WriteAllText(directory.File("config.json"), config.ToJsonString());
        using var loaded = LanguageModel.Load(directory.Path, Precision.Float32, "cpu");
        Assert.False(loaded.Network.training);
        foreach (var (first, second) in model.Network.named_parameters().Zip(loaded.Network.named_parameters()))
        {
            Assert.Equal(first.Item1, second.Item1);
            Assert.True(first.Item2.eq(second.Item2).all().item<bool>(), first.Item1);
        }

        loaded.Save(again.Path);
        Assert.True(JsonNode.DeepEquals(config, JsonNode.Parse(File.ReadAllText(again.File("config.json")))));
        Assert.Equal(CheckpointFiles.TensorNames(directory), CheckpointFiles.TensorNames(again));
    }

    [Theory]
    [InlineData("gpt2-tiny")]
    [InlineData("llama-tiny-gqa")]
    [InlineData("llama-tiny-ropescaled-tied")]
    [InlineData("bert-tiny")]
    public void APublicCheckpointIsWrittenBackWithItsTensorsAndKeys(string fixture)
    {
        using var scope = NewDisposeScope();
        using var directory = new TemporaryDirectory();
        using var source = new TemporaryDirectory();
        using var template = TestNetworks.CreateLanguageModel();
        File.Copy(Path.Combine(TestNetworks.Fixture(fixture), "model.safetensors"), source.File("model.safetensors"));
        File.Copy(Path.Combine(TestNetworks.Fixture(fixture), "config.json"), source.File("config.json"));
        using (var stream = File.Create(source.File("tokenizer.json")))
        {
            (fixture.StartsWith("llama-tiny-rope", StringComparison.Ordinal) ? BytePairLearner.Learn(["a a"], new BytePairOptions { VocabularySize = 260 }) : template.Tokenizer).Write(stream);
        }

        using var model = LanguageModel.Load(source.Path, Precision.Float32, "cpu");
        model.Save(directory.Path);
        Assert.Equal(
            CheckpointFiles.TensorNames(source).Where(name => name != "bert.embeddings.position_ids"), CheckpointFiles.TensorNames(directory));
        var before = JsonNode.Parse(File.ReadAllText(source.File("config.json")))!.AsObject();
        var after = JsonNode.Parse(File.ReadAllText(directory.File("config.json")))!.AsObject();
        Assert.All(before, pair => Assert.True(after.ContainsKey(pair.Key) && JsonNode.DeepEquals(pair.Value, after[pair.Key]), pair.Key));
        using var first = SafetensorsReader.Open(source.File("model.safetensors"));
        using var second = SafetensorsReader.Open(directory.File("model.safetensors"));
        Assert.All(second.Entries, entry => Assert.True(
            second.ReadTensor(entry).eq(first.ReadTensor(first.Entries.Single(other => other.Name == entry.Name))).all().item<bool>(), entry.Name));
    }

    [Theory]
    [MemberData(nameof(SmallFamilies.Names), MemberType = typeof(SmallFamilies))]
    public void OnlyTheLastBlocksAndWhatFollowsLearnAfterFreezing(string name)
    {
        using var scope = NewDisposeScope();
        using var model = SmallFamilies.Create(name);
        var network = model.Network;
        network.train();
        var ids = TestNetworks.Ids(TestNetworks.RandomRows(1, 6, 6));
        LanguageModelLoss.Backward(network, network.call(ids), ids);
        var whole = network.named_parameters().Where(pair => pair.Item2.grad is not null).ToDictionary(pair => pair.Item1, pair => pair.Item2.grad!.clone());
        network.zero_grad();
        network.FreezeAllBut(1);
        LanguageModelLoss.Backward(network, network.call(ids), ids);
        foreach (var (path, parameter) in network.named_parameters())
        {
            var isFrozen = path.Contains("emb", StringComparison.OrdinalIgnoreCase) || path.StartsWith('w') || path.Contains(".0.", StringComparison.Ordinal)
                || path.Contains(".1.", StringComparison.Ordinal);
            Assert.True(isFrozen != parameter.requires_grad, path);
            Assert.True(!isFrozen || parameter.grad is null, path);
            if (parameter.grad is not null)
            {
                Assert.Equal(0, TestNetworks.LargestDifference(whole[path], parameter.grad), 1e-4);
            }
        }
    }

    [Theory]
    [MemberData(nameof(SmallFamilies.Names), MemberType = typeof(SmallFamilies))]
    public void TheNumberOfWeightsIsTheConfigurationsAndTheSeedDrawsThem(string name)
    {
        using var scope = NewDisposeScope();
        using var template = TestNetworks.CreateLanguageModel();
        var config = SmallFamilies.Config(name);
        using var first = LanguageModel.Create(config, template.Tokenizer, Precision.Float32, CPU, 5);
        using var second = LanguageModel.Create(config, template.Tokenizer, Precision.Float32, CPU, 5);
        Assert.Equal(config.ParameterCount, first.Network.parameters().Sum(parameter => parameter.numel()));
        Assert.All(
            first.Network.parameters().Zip(second.Network.parameters()), pair => Assert.Equal(0, TestNetworks.LargestDifference(pair.First, pair.Second)));
    }

    [Theory]
    [MemberData(nameof(SmallFamilies.Names), MemberType = typeof(SmallFamilies))]
    public void BFloat16IsClose(string name)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var exact = SmallFamilies.Create(name);
        using var narrow = SmallFamilies.Create(name, Precision.BFloat16);
        var ids = TestNetworks.Ids(TestNetworks.RandomRows(2, 20, 20));
        var (expected, found) = (exact.Network.call(ids), narrow.Network.call(ids));
        Assert.Equal(ScalarType.Float32, found.dtype);
        Assert.InRange((expected - found).norm().item<float>() / expected.norm().item<float>(), 1e-6, 0.05);
        Assert.Equal(ScalarType.Float32, narrow.Network.Logits(found).dtype);
    }

    [Theory]
    [MemberData(nameof(SmallFamilies.Names), MemberType = typeof(SmallFamilies))]
    public void EveryWeightLearnsWithDropoutAndSoDoAdapters(string name)
    {
        using var scope = NewDisposeScope();
        using var model = SmallFamilies.Create(SmallFamilies.Config(name) with { Dropout = 0.2 });
        var network = model.Network;
        network.train();
        var ids = TestNetworks.Ids(TestNetworks.RandomRows(1, 6, 6));
        LanguageModelLoss.Backward(network, network.call(ids), ids);
        Assert.All(
            network.named_parameters().Where(pair => !pair.Item1.Contains("pool", StringComparison.Ordinal) && !pair.Item1.Contains("seq_rel", StringComparison.Ordinal)),
            pair => Assert.True(pair.Item2.grad is { } gradient && gradient.isfinite().all().item<bool>(), pair.Item1));
        network.zero_grad();
        network.AddAdapters(new LoraOptions { Rank = 2 }, seed: 1);
        LanguageModelLoss.Backward(network, network.call(ids), ids);
        Assert.All(network.parameters().Where(parameter => parameter.requires_grad), parameter => Assert.NotNull(parameter.grad));
    }

    [Theory]
    [MemberData(nameof(SmallFamilies.Names), MemberType = typeof(SmallFamilies))]
    public void AClassifierLearnsAndComesBackFromFilesInItsFamilysLayout(string name)
    {
        using var directory = new TemporaryDirectory();
        var backbone = SmallFamilies.Create(name);
        using var model = TextClassificationModel.Create(backbone, ["a", "b", "c"], backbone.Network.DefaultPooling, 24, 0, 7);
        int[][] rows = [[1, 2, 3], [4, 5, 6, 7], [8, 9]];
        TestNetworks.LearnClasses(model, rows, learningRate: 0.003, steps: 40);
        var scores = model.Score(rows);
        Assert.Equal([0, 1, 2], scores.Select(row => Array.IndexOf(row, row.Max())));
        model.Save(directory.Path);
        var head = name == "bert" ? new[] { "classifier.bias", "classifier.weight" } : ["score.weight"];
        Assert.Equal(head, CheckpointFiles.TensorNames(directory).Where(tensor => tensor.StartsWith("classifier", StringComparison.Ordinal) || tensor.StartsWith("score", StringComparison.Ordinal)));
        Assert.DoesNotContain(CheckpointFiles.TensorNames(directory), tensor => tensor.StartsWith("lm_head", StringComparison.Ordinal) || tensor.StartsWith("cls.", StringComparison.Ordinal));
        using var loaded = TextClassificationModel.Load(directory.Path, Precision.Float32, "cpu");
        using var clone = loaded.Clone();
        Assert.Equal(scores, loaded.Score(rows));
        Assert.Equal(scores, clone.Score(rows));
        Assert.EndsWith("ForSequenceClassification", JsonNode.Parse(File.ReadAllText(directory.File("config.json")))!["architectures"]![0]!.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("llama", "gpt2")]
    [InlineData("bert", "llama")]
    [InlineData("gpt2", "bert")]
    public void WeightsOfAnotherFamilyAreRefusedByName(string weights, string config)
    {
        using var directory = new TemporaryDirectory();
        using var model = SmallFamilies.Create(weights);
        using var other = SmallFamilies.Create(config);
        model.Save(directory.Path);
        File.WriteAllText(directory.File("config.json"), other.Config.ToJson());
        var message = Assert.Throws<InvalidDataException>(() => LanguageModel.Load(directory.Path, Precision.Float32, "cpu")).Message;
        Assert.Contains("Missing:", message);
        Assert.Contains("Unexpected:", message);
    }

    [Fact]
    public void ATensorOfAnotherShapeIsNamedWithBothShapes()
    {
        using var directory = new TemporaryDirectory();
        using var model = SmallFamilies.Create("llama");
        model.Save(directory.Path);
        File.WriteAllText(directory.File("config.json"), ((LlamaConfig)model.Config with { KeyValueHeadCount = 4 }).ToJson());
        var message = Assert.Throws<InvalidDataException>(() => LanguageModel.Load(directory.Path, Precision.Float32, "cpu")).Message;
        Assert.Contains("model.layers.0.self_attn.k_proj.weight is [16, 32], expected [32, 32]", message);
    }

    private static int[] WithoutCache(LanguageModel model, int[] prompt, int count)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var ids = prompt.ToList();
        for (var step = 0; step < count; step++)
        {
            var logits = model.Network.Logits(model.Network.call(TestNetworks.Ids(ids.ToArray()))[0, -1]);
            ids.Add((int)logits.narrow(0, 0, model.Tokenizer.VocabularySize).argmax().item<long>());
        }

        return ids.Skip(prompt.Length).ToArray();
    }
}
