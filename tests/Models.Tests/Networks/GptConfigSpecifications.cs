using System.Text.Json.Nodes;

namespace MLNetLlm.Models.Tests.Networks;

public class GptConfigSpecifications
{
    [Fact]
    public void EveryPresetIsValid()
    {
        var presets = new[]
        {
            GptConfig.Tiny, GptConfig.Mini, GptConfig.Small, GptConfig.Medium,
            GptConfig.Gpt2Small, GptConfig.Gpt2Medium, GptConfig.Gpt2Large, GptConfig.Gpt2XL,
        };
        Assert.All(presets, preset => preset.Validate());
    }

    [Fact]
    public void ThePublishedSizesHaveThePublishedNumbersOfWeights()
    {
        Assert.Equal(124_439_808, GptConfig.Gpt2Small.ParameterCount);
        Assert.Equal(354_823_168, GptConfig.Gpt2Medium.ParameterCount);
        Assert.Equal(774_030_080, GptConfig.Gpt2Large.ParameterCount);
        Assert.Equal(1_557_611_200, GptConfig.Gpt2XL.ParameterCount);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public void TheNumberOfWeightsIsTheNetworks(bool bias, bool tied)
    {
        var config = TestNetworks.SmallConfig with { Bias = bias, TiedEmbeddings = tied, FeedForwardWidth = 72 };
        using var network = TestNetworks.Create(config);
        Assert.Equal(network.parameters().Sum(parameter => parameter.numel()), config.ParameterCount);
    }

    public static TheoryData<string, GptConfig> Invalid() => new()
    {
        { "VocabularySize", new GptConfig { VocabularySize = 0 } },
        { "ContextLength", new GptConfig { ContextLength = 0 } },
        { "LayerCount", new GptConfig { LayerCount = 0 } },
        { "HeadCount", new GptConfig { HeadCount = 0 } },
        { "HeadCount", new GptConfig { Width = 100, HeadCount = 12 } },
        { "Width", new GptConfig { Width = -1 } },
        { "FeedForwardWidth", new GptConfig { FeedForwardWidth = 0 } },
        { "Dropout", new GptConfig { Dropout = double.NaN } },
        { "Dropout", new GptConfig { Dropout = 1 } },
        { "AttentionDropout", new GptConfig { AttentionDropout = -0.1 } },
        { "LayerNormEpsilon", new GptConfig { LayerNormEpsilon = 0 } },
        { "InitializerRange", new GptConfig { InitializerRange = double.PositiveInfinity } },
        { "Activation", new GptConfig { Activation = (Activation)7 } },
    };

    [Theory]
    [MemberData(nameof(Invalid))]
    public void AnInvalidSettingIsRefusedByName(string setting, GptConfig config)
    {
        var exception = Assert.Throws<ArgumentException>(config.Validate);
        Assert.Contains($"GptConfig.{setting} ", exception.Message);
        Assert.Throws<ArgumentException>(() => TestNetworks.Create(config));
    }

    [Fact]
    public void JsonHoldsThePublicKeysAndComesBackEqual()
    {
        var config = GptConfig.Mini with { Dropout = 0.25, TiedEmbeddings = false, Bias = false, FeedForwardWidth = 300 };
        var json = JsonNode.Parse(config.ToJson())!;
        Assert.Equal("gpt2", json["model_type"]!.GetValue<string>());
        Assert.Equal(128, json["n_embd"]!.GetValue<int>());
        Assert.Equal("gelu", json["activation_function"]!.GetValue<string>());
        Assert.Equal(300, json["n_inner"]!.GetValue<int>());
        var back = (GptConfig)TransformerConfig.FromJson(config.ToJson());
        Assert.Equal(config.ToJson(), back.ToJson());
        Assert.Equal(0, back.AttentionDropout);
        Assert.Equal(config.ParameterCount, back.ParameterCount);
    }

    [Fact]
    public void UnknownKeysSurvive()
    {
        var text = """{"model_type":"gpt2","n_layer":3,"n_embd":48,"n_head":4,"embd_pdrop":0.3,"task_specific_params":{"a":[1,2]},"eos_token_id":299}""";
        var json = JsonNode.Parse((TransformerConfig.FromJson(text) with { LayerCount = 5 }).ToJson())!;
        Assert.Equal(5, json["n_layer"]!.GetValue<int>());
        Assert.Equal(299, json["eos_token_id"]!.GetValue<int>());
        Assert.Equal(0.3, json["embd_pdrop"]!.GetValue<double>());
        Assert.Equal("""{"a":[1,2]}""", json["task_specific_params"]!.ToJsonString());
    }

    [Theory]
    [InlineData("""{"model_type":"mamba"}""", "model_type")]
    [InlineData("""{"activation_function":"relu"}""", "activation_function")]
    [InlineData("""{"scale_attn_by_inverse_layer_idx":true}""", "scale_attn_by_inverse_layer_idx")]
    [InlineData("""{"scale_attn_weights":false}""", "scale_attn_weights")]
    [InlineData("""{"n_layer":"many"}""", "n_layer")]
    [InlineData("""{"n_positions":0}""", "ContextLength")]
    [InlineData("""[1]""", "JSON object")]
    [InlineData("""{"n_layer":""", "not valid JSON")]
    public void AConfigurationThatWouldBeComputedWronglyIsRefused(string json, string named)
    {
        var exception = Assert.Throws<InvalidDataException>(() => TransformerConfig.FromJson(json, "'some/config.json'"));
        Assert.Contains("some/config.json", exception.Message);
        Assert.Contains(named, exception.Message);
    }
}
