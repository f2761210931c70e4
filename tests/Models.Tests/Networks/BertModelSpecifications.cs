using System.Text.Json.Nodes;
using static TorchSharp.torch;

namespace MLNetLlm.Models.Tests.Networks;

public class BertModelSpecifications
{
    [Fact]
    public void ThePublishedSizesHaveThePublishedNumbersOfWeights()
    {
        Assert.Equal(109_482_240, (BertConfig.BertBase with { HasMaskedTokenHead = false, HasPairHead = false }).ParameterCount);
        Assert.Equal(335_141_888, (BertConfig.BertLarge with { HasMaskedTokenHead = false, HasPairHead = false }).ParameterCount);
        Assert.Equal(110_106_428, BertConfig.BertBase.ParameterCount);
        Assert.Equal(4_385_920, (BertConfig.BertTiny with { HasMaskedTokenHead = false, HasPairHead = false }).ParameterCount);
        Assert.All([BertConfig.Tiny, BertConfig.Mini, BertConfig.Small], preset => preset.Validate());
    }

    [Fact]
    public void EveryTokenSeesTheWholeTextAndItsType()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var model = SmallFamilies.Create("bert");
        var network = model.Network;
        var ids = TestNetworks.Ids(TestNetworks.RandomRows(4, 9));
        var changed = ids.clone();
        changed[0, 8] = (ids[0, 8] + 1) % 300;
        var plain = network.call(ids);
        Assert.All(Enumerable.Range(0, 9), position => Assert.NotEqual(0, TestNetworks.LargestDifference(plain[0, position], network.call(changed)[0, position])));
        Assert.Equal(0, TestNetworks.LargestDifference(plain, network.Forward(ids, null, zeros_like(ids))));
        Assert.NotEqual(0, TestNetworks.LargestDifference(plain, network.Forward(ids, null, ones_like(ids))));
        Assert.False(network.IsCausal);
    }

    [Fact]
    public void WhatDoesNotFitIsRefused()
    {
        using var scope = NewDisposeScope();
        using var bert = SmallFamilies.Create("bert");
        using var gpt = SmallFamilies.Create("gpt2");
        var ids = TestNetworks.Ids(TestNetworks.RandomRows(4, 9));
        Assert.Contains("token types", Assert.Throws<ArgumentException>(() => gpt.Network.Forward(ids, null, zeros_like(ids))).Message);
        Assert.Contains("[1, 9]", Assert.Throws<ArgumentException>(() => bert.Network.Forward(ids, null, zeros(1, 8, ScalarType.Int64))).Message);
        Assert.Contains("Lengths", Assert.Throws<ArgumentException>(() => bert.Network.Forward(ids, ones(2, ScalarType.Int64))).Message);
        Assert.Throws<NotSupportedException>(() => new TextGenerator(bert).Generate([1, 2]));
        Assert.Throws<ArgumentException>(() => gpt.Network.Pool(zeros(1, 2, 32), ones(1, ScalarType.Int64), Pooling.Pooler));
        Assert.Throws<ArgumentException>(() => TextClassificationModel.Create(gpt, ["a", "b"], Pooling.Pooler, 8, 0, 1));
    }

    [Theory]
    [InlineData("cls.", "bert.pooler")]
    [InlineData("cls.", "none")]
    [InlineData("cls.seq", "none")]
    [InlineData("cls.seq", "bert.pooler")]
    public void EncodersWithoutHeadsLoadAndAreWrittenBackAsTheyAre(string firstPart, string secondPart)
    {
        using var scope = NewDisposeScope();
        using var directory = new TemporaryDirectory();
        using var again = new TemporaryDirectory();
        using var model = SmallFamilies.Create("bert");
        model.Save(directory.Path);
        CheckpointFiles.Rewrite(directory, tensors => tensors.Where(
            pair => !pair.Key.StartsWith(firstPart, StringComparison.Ordinal) && !pair.Key.StartsWith(secondPart, StringComparison.Ordinal)));
        using var loaded = LanguageModel.Load(directory.Path, Precision.Float32, "cpu");
        using var clone = loaded.Clone();
        clone.Save(again.Path);
        Assert.Equal(CheckpointFiles.TensorNames(directory), CheckpointFiles.TensorNames(again));
        var network = Assert.IsType<BertModel>(loaded.Network);
        var hidden = network.call(TestNetworks.Ids([1, 2, 3]));
        Assert.Equal(0, TestNetworks.LargestDifference(model.Network.call(TestNetworks.Ids([1, 2, 3])), hidden));
        Assert.Equal(secondPart == "none" ? Pooling.Pooler : Pooling.FirstToken, network.DefaultPooling);
        Assert.Throws<InvalidOperationException>(() => network.PairLogits(hidden[0]));
        if (firstPart == "cls.")
        {
            Assert.Contains("no vocabulary head", Assert.Throws<InvalidOperationException>(() => network.Logits(hidden)).Message);
        }
    }

    [Fact]
    public void OlderSpellingsBuffersAndSecondNamesAreUnderstood()
    {
        using var scope = NewDisposeScope();
        using var directory = new TemporaryDirectory();
        using var model = SmallFamilies.Create("bert");
        model.Save(directory.Path);
        CheckpointFiles.Rewrite(directory, tensors => tensors
            .Select(pair => KeyValuePair.Create(
                pair.Key.Replace("LayerNorm.weight", "LayerNorm.gamma", StringComparison.Ordinal).Replace("LayerNorm.bias", "LayerNorm.beta", StringComparison.Ordinal), pair.Value))
            .Append(KeyValuePair.Create("cls.predictions.decoder.weight", ones(1)))
            .Append(KeyValuePair.Create("bert.embeddings.position_ids", ones(1, 40, ScalarType.Int64))));
        using var loaded = LanguageModel.Load(directory.Path, Precision.Float32, "cpu");
        Assert.All(
            model.Network.parameters().Zip(loaded.Network.parameters()), pair => Assert.Equal(0, TestNetworks.LargestDifference(pair.First, pair.Second)));
    }

    [Fact]
    public void APublicClassifierPoolsByItsPoolerAndHasTwoLabelsUnlessItSaysOtherwise()
    {
        using var scope = NewDisposeScope();
        using var directory = new TemporaryDirectory();
        using var model = TextClassificationModel.Create(SmallFamilies.Create("bert"), ["a", "b"], Pooling.Pooler, 48, 0.1, 7);
        model.Network.eval();
        model.Save(directory.Path);
        var config = JsonNode.Parse(File.ReadAllText(directory.File("config.json")))!.AsObject();
        foreach (var key in new[] { "pooling", "maximum_tokens", "classifier_dropout", "frame_texts", "id2label", "label2id", "model_type" })
        {
            config.Remove(key);
        }

        File.WriteAllText(directory.File("config.json"), config.ToJsonString());
        using var loaded = TextClassificationModel.Load(directory.Path, Precision.Float32, "cpu");
        Assert.Equal(Pooling.Pooler, loaded.Pooling);
        Assert.Equal(["LABEL_0", "LABEL_1"], loaded.Labels);
        Assert.Equal(model.Score([[1, 2, 3]]), loaded.Score([[1, 2, 3]]));
        CheckpointFiles.Rewrite(directory, tensors => tensors.Where(pair => !pair.Key.StartsWith("bert.pooler", StringComparison.Ordinal)));
        Assert.Contains("pooler", Assert.Throws<InvalidDataException>(() => TextClassificationModel.Load(directory.Path, Precision.Float32, "cpu")).Message);
    }

    [Theory]
    [InlineData("\"position_embedding_type\":\"relative_key\"", "position_embedding_type")]
    [InlineData("\"is_decoder\":true", "is_decoder")]
    [InlineData("\"tie_word_embeddings\":false", "tie_word_embeddings")]
    [InlineData("\"hidden_act\":\"mish\"", "hidden_act")]
    [InlineData("\"num_attention_heads\":7", "num_attention_heads")]
    [InlineData("\"type_vocab_size\":0", "type_vocab_size")]
    [InlineData("\"layer_norm_eps\":0", "layer_norm_eps")]
    [InlineData("\"intermediate_size\":0", "intermediate_size")]
    public void AConfigurationThatWouldBeComputedWronglyIsRefused(string setting, string named) => Assert.Contains(
        named, Assert.Throws<InvalidDataException>(() => TransformerConfig.FromJson($$"""{"model_type":"bert",{{setting}}}""")).Message);

    [Theory]
    [InlineData("BertForPreTraining", true, true)]
    [InlineData("BertForMaskedLM", true, false)]
    [InlineData("BertModel", false, false)]
    public void TheArchitectureNamesTheHeads(string architecture, bool hasMaskedTokenHead, bool hasPairHead)
    {
        var config = BertConfig.Tiny with { HasMaskedTokenHead = hasMaskedTokenHead, HasPairHead = hasPairHead };
        Assert.Equal(architecture, JsonNode.Parse(config.ToJson())!["architectures"]![0]!.ToString());
        var back = (BertConfig)TransformerConfig.FromJson(config.ToJson());
        Assert.Equal((hasMaskedTokenHead, hasPairHead), (back.HasMaskedTokenHead, back.HasPairHead));
        Assert.Equal(config.ToString(), back.ToString());
    }
}
