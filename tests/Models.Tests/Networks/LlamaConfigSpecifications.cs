using System.Text.Json.Nodes;

namespace MLNetLlm.Models.Tests.Networks;

public class LlamaConfigSpecifications
{
    private const string Small =
        """{"model_type":"llama","vocab_size":320,"hidden_size":64,"intermediate_size":96,"num_hidden_layers":2,"num_attention_heads":4,"max_position_embeddings":64""";

    public static TheoryData<string, LlamaConfig> Invalid() => new()
    {
        { "num_attention_heads", LlamaConfig.Tiny with { HeadCount = 3 } },
        { "num_key_value_heads", LlamaConfig.Tiny with { KeyValueHeadCount = 3 } },
        { "num_key_value_heads", LlamaConfig.Tiny with { KeyValueHeadCount = 0 } },
        { "head_dim", LlamaConfig.Tiny with { HeadWidth = 15 } },
        { "head_dim", LlamaConfig.Tiny with { HeadWidth = 0 } },
        { "head_dim", LlamaConfig.Tiny with { Width = 12 } },
        { "intermediate_size", LlamaConfig.Tiny with { FeedForwardWidth = 0 } },
        { "rms_norm_eps", LlamaConfig.Tiny with { NormEpsilon = 0 } },
        { "rope_theta", LlamaConfig.Tiny with { RotaryBase = double.NaN } },
        { "attention_dropout", LlamaConfig.Tiny with { AttentionDropout = 1 } },
        { "attention_bias", LlamaConfig.Tiny with { Variant = LlamaVariant.Mistral, AttentionBias = true } },
        { "mlp_bias", LlamaConfig.Tiny with { Variant = LlamaVariant.Qwen2, FeedForwardBias = true } },
        { "sliding_window", LlamaConfig.Tiny with { Variant = LlamaVariant.Mistral, Window = 0 } },
        { "sliding_window", LlamaConfig.Tiny with { Window = 8 } },
        { "max_window_layers", LlamaConfig.Tiny with { Variant = LlamaVariant.Mistral, Window = 8, UnlimitedLayers = 1 } },
        { "model_type", LlamaConfig.Tiny with { Variant = (LlamaVariant)9 } },
        { "hidden_act", LlamaConfig.Tiny with { Activation = (Activation)9 } },
        { "HasHead", LlamaConfig.Tiny with { HasHead = false } },
        { "factor", LlamaConfig.Tiny with { RotaryScaling = new RotaryScaling { Kind = RotaryScalingKind.Linear, Factor = 0.5 } } },
        { "original_max_position_embeddings", LlamaConfig.Tiny with { RotaryScaling = new RotaryScaling { Kind = RotaryScalingKind.Dynamic, Factor = 2 } } },
        { "high_freq_factor", LlamaConfig.Tiny with { RotaryScaling = Llama3() with { HighFrequencyFactor = 1 } } },
        { "low_freq_factor", LlamaConfig.Tiny with { RotaryScaling = Llama3() with { LowFrequencyFactor = 0 } } },
    };

    public static TheoryData<string, LlamaConfig> RoundTrips() => new()
    {
        { "tiny", LlamaConfig.Tiny },
        { "llama 3.2", LlamaConfig.Llama32At1B },
        { "mistral", LlamaConfig.MistralAt7B },
        { "mistral without window", LlamaConfig.MistralAt7B with { Window = null } },
        { "qwen2", LlamaConfig.Qwen2At500M },
        { "qwen2 with window", LlamaConfig.Qwen2At500M with { Window = 100, UnlimitedLayers = 3 } },
        { "biases", LlamaConfig.Small with { AttentionBias = true, FeedForwardBias = true, HeadWidth = 20, Activation = Activation.GeluTanh, TiedEmbeddings = false } },
        { "linear", LlamaConfig.Small with { RotaryScaling = new RotaryScaling { Kind = RotaryScalingKind.Linear, Factor = 2.5 } } },
        {
            "dynamic", LlamaConfig.Small with
            {
                ContextLength = 300, RotaryScaling = new RotaryScaling { Kind = RotaryScalingKind.Dynamic, Factor = 2, OriginalContextLength = 150 },
            }
        },
        {
            "dynamic, other context", LlamaConfig.Small with
            {
                ContextLength = 310, RotaryScaling = new RotaryScaling { Kind = RotaryScalingKind.Dynamic, Factor = 2, OriginalContextLength = 150 },
            }
        },
    };

    [Fact]
    public void ThePublishedSizesHaveThePublishedNumbersOfWeights()
    {
        Assert.Equal(134_515_008, LlamaConfig.SmolLM2At135M.ParameterCount);
        Assert.Equal(1_100_048_384, LlamaConfig.TinyLlamaAt1100M.ParameterCount);
        Assert.Equal(6_738_415_616, LlamaConfig.Llama2At7B.ParameterCount);
        Assert.Equal(8_030_261_248, LlamaConfig.Llama3At8B.ParameterCount);
        Assert.Equal(1_235_814_400, LlamaConfig.Llama32At1B.ParameterCount);
        Assert.Equal(7_241_732_096, LlamaConfig.MistralAt7B.ParameterCount);
        Assert.Equal(494_032_768, LlamaConfig.Qwen2At500M.ParameterCount);
    }

    [Fact]
    public void TheNumberOfWeightsIsTheNetworks()
    {
        LlamaConfig[] configs =
        [
            LlamaConfig.Tiny, LlamaConfig.Tiny with { TiedEmbeddings = false }, LlamaConfig.Tiny with { TiedEmbeddings = false, HasHead = false },
            LlamaConfig.Tiny with { AttentionBias = true, FeedForwardBias = true, HeadWidth = 10 }, LlamaConfig.Tiny with { Variant = LlamaVariant.Qwen2 },
        ];
        foreach (var config in configs)
        {
            using var network = new LlamaModel(config, Precision.Float32, TorchSharp.torch.CPU, 1);
            Assert.Equal(network.parameters().Sum(parameter => parameter.numel()), config.ParameterCount);
        }
    }

    [Theory]
    [MemberData(nameof(Invalid))]
    public void AnInvalidSettingIsRefusedByItsKey(string key, LlamaConfig config) =>
        Assert.Contains(key, Assert.Throws<ArgumentException>(config.Validate).Message);

    [Theory]
    [MemberData(nameof(RoundTrips))]
    public void JsonComesBackEqual(string what, LlamaConfig config)
    {
        config.Validate();
        var back = (LlamaConfig)TransformerConfig.FromJson(config.ToJson(), what);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(config.ToJson()), JsonNode.Parse(back.ToJson())), back.ToJson());
        var resolved = config with { KeyValueHeadCount = config.KeyValueHeadCount ?? config.HeadCount };
        Assert.Equal(resolved.ToString(), back.ToString());
    }

    [Theory]
    [InlineData("""{"architectures":["LlamaForCausalLM"]""", """ "rope_theta":50000.0,"rope_scaling":{"type":"linear","factor":4.0},"torch_dtype":"bfloat16"}""")]
    [InlineData(Small, """ "rope_theta":50000.0,"rope_scaling":{"rope_type":"dynamic","factor":4.0},"pretraining_tp":1,"head_dim":null,"hidden_act":"swish"}""")]
    [InlineData(Small, """ "rope_parameters":{"rope_theta":50000.0,"rope_type":"linear","factor":4.0},"dtype":"bfloat16","layer_types":["full_attention","full_attention"]}""")]
    [InlineData(Small, """ "rope_theta":50000.0,"rope_scaling":null,"transformers_version":"4.40.0","custom":{"a":[1,null]},"head_dim":24}""")]
    public void EveryKeySurvivesInItsSpelling(string start, string end)
    {
        var text = $"{start},{end}";
        var config = (LlamaConfig)TransformerConfig.FromJson(text);
        Assert.Equal(50_000, config.RotaryBase);
        var before = JsonNode.Parse(text)!.AsObject();
        var after = JsonNode.Parse(config.ToJson())!.AsObject();
        foreach (var (key, value) in before)
        {
            Assert.True(after.ContainsKey(key), key);
            Assert.True(JsonNode.DeepEquals(value, after[key]), $"{key}: {after[key]?.ToJsonString()}");
        }

        Assert.Equal(before.ContainsKey("rope_parameters"), !after.ContainsKey("rope_theta"));
    }

    [Fact]
    public void BothSpellingsOfRotaryPositionsMeanTheSame()
    {
        const string settings = "\"factor\":8.0,\"low_freq_factor\":1.0,\"high_freq_factor\":4.0,\"original_max_position_embeddings\":32";
        var older = (LlamaConfig)TransformerConfig.FromJson(Small + ",\"rope_theta\":7000,\"rope_scaling\":{\"rope_type\":\"llama3\"," + settings + "}}");
        var newer = (LlamaConfig)TransformerConfig.FromJson(Small + ",\"rope_parameters\":{\"rope_theta\":7000,\"rope_type\":\"llama3\"," + settings + "}}");
        Assert.Equal(Llama3() with { Factor = 8, OriginalContextLength = 32 }, older.RotaryScaling);
        Assert.Equal((older.RotaryBase, older.RotaryScaling), (newer.RotaryBase, newer.RotaryScaling));
        var changed = JsonNode.Parse((newer with { RotaryBase = 9000, RotaryScaling = null }).ToJson())!;
        Assert.Equal(9000, changed["rope_parameters"]!["rope_theta"]!.GetValue<double>());
        Assert.Equal("default", changed["rope_parameters"]!["rope_type"]!.GetValue<string>());
    }

    [Fact]
    public void DynamicScalingReachesFurtherThanTheStatedContext()
    {
        var config = (LlamaConfig)TransformerConfig.FromJson(Small + ",\"rope_scaling\":{\"type\":\"dynamic\",\"factor\":2.0}}");
        Assert.Equal(128, config.ContextLength);
        Assert.Equal(64, config.RotaryScaling!.OriginalContextLength);
    }

    [Theory]
    [InlineData("mistral", 4096, 131_072, 8)]
    [InlineData("qwen2", null, 32_768, 32)]
    [InlineData("llama", null, 2048, 32)]
    public void AbsentKeysHaveTheirFamilysDefaults(string modelType, int? window, int context, int keyValueHeads)
    {
        var config = (LlamaConfig)TransformerConfig.FromJson($$"""{"model_type":"{{modelType}}"}""");
        Assert.Equal(window, config.Window);
        Assert.Equal(context, config.ContextLength);
        Assert.Equal(keyValueHeads, config.KeyValueHeadCount ?? config.HeadCount);
    }

    [Fact]
    public void AWindowThatIsNotUsedSurvives()
    {
        const string text = """{"model_type":"qwen2","sliding_window":131072,"use_sliding_window":false,"max_window_layers":24}""";
        var json = JsonNode.Parse(TransformerConfig.FromJson(text).ToJson())!;
        Assert.Equal(131_072, json["sliding_window"]!.GetValue<int>());
        Assert.Equal(24, json["max_window_layers"]!.GetValue<int>());
        Assert.Null(((LlamaConfig)TransformerConfig.FromJson("""{"model_type":"mistral","sliding_window":null}""")).Window);
    }

    [Theory]
    [InlineData("\"rope_scaling\":{\"rope_type\":\"yarn\",\"factor\":4}", "yarn")]
    [InlineData("\"rope_scaling\":{\"type\":\"longrope\",\"factor\":4}", "'type'")]
    [InlineData("\"rope_parameters\":{\"rope_type\":\"yarn\",\"rope_theta\":10000}", "rope_parameters: 'rope_type'")]
    [InlineData("\"rope_parameters\":{\"full_attention\":{\"rope_type\":\"default\"}}", "full_attention")]
    [InlineData("\"rope_parameters\":[1]", "rope_parameters")]
    [InlineData("\"rope_scaling\":{\"rope_type\":\"llama3\",\"factor\":4}", "low_freq_factor")]
    [InlineData("\"rope_scaling\":{\"rope_type\":\"linear\"}", "factor")]
    [InlineData("\"partial_rotary_factor\":0.5", "partial_rotary_factor")]
    [InlineData("\"hidden_act\":\"mish\"", "hidden_act")]
    [InlineData("\"quantization_config\":{\"bits\":4}", "quantization_config")]
    [InlineData("\"layer_types\":[\"full_attention\",\"sliding_attention\"]", "layer_types")]
    [InlineData("\"num_key_value_heads\":3", "num_key_value_heads")]
    [InlineData("\"head_dim\":7", "head_dim")]
    public void AConfigurationThatWouldBeComputedWronglyIsRefused(string setting, string named)
    {
        var exception = Assert.Throws<InvalidDataException>(() => TransformerConfig.FromJson($"{Small},{setting}}}", "'some/config.json'"));
        Assert.Contains("some/config.json", exception.Message);
        Assert.Contains(named, exception.Message);
    }

    [Theory]
    [InlineData("""{"model_type":"mamba"}""")]
    [InlineData("""{"model_type":"qwen2_moe","architectures":["Qwen2MoeForCausalLM"]}""")]
    [InlineData("""{"architectures":["Qwen2MoeForCausalLM"]}""")]
    public void AnotherFamilyIsRefusedByWhatIsKnown(string json)
    {
        var message = Assert.Throws<InvalidDataException>(() => TransformerConfig.FromJson(json)).Message;
        Assert.All(["gpt2", "llama", "mistral", "qwen2", "bert"], known => Assert.Contains(known, message, StringComparison.OrdinalIgnoreCase));
    }

    private static RotaryScaling Llama3() => new() { Kind = RotaryScalingKind.Llama3, Factor = 4, OriginalContextLength = 32 };
}
