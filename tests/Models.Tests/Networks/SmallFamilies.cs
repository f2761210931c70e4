using static TorchSharp.torch;

namespace MLNetLlm.Models.Tests.Networks;

/// <summary>A small network of every family and variant.</summary>
internal static class SmallFamilies
{
    private static readonly LlamaConfig Llama = LlamaConfig.Tiny with { VocabularySize = 320, ContextLength = 48, Width = 32, FeedForwardWidth = 56, LayerCount = 3, Dropout = 0 };

    private static readonly Dictionary<string, TransformerConfig> Configs = new()
    {
        ["gpt2"] = TestNetworks.SmallConfig with { ContextLength = 48 },
        ["llama"] = Llama,
        ["llama, untied, biases, wide heads"] = Llama with
        {
            TiedEmbeddings = false, AttentionBias = true, FeedForwardBias = true, HeadWidth = 12, KeyValueHeadCount = 1, Activation = Activation.GeluTanh,
        },
        ["llama, linear"] = Llama with { RotaryScaling = new RotaryScaling { Kind = RotaryScalingKind.Linear, Factor = 3 } },
        ["llama, dynamic"] = Llama with { RotaryScaling = new RotaryScaling { Kind = RotaryScalingKind.Dynamic, Factor = 4, OriginalContextLength = 12 } },
        ["llama, llama3"] = Llama with
        {
            RotaryBase = 300,
            RotaryScaling = new RotaryScaling { Kind = RotaryScalingKind.Llama3, Factor = 8, LowFrequencyFactor = 1, HighFrequencyFactor = 4, OriginalContextLength = 40 },
        },
        ["mistral"] = Llama with { Variant = LlamaVariant.Mistral, Window = 5, KeyValueHeadCount = 4 },
        ["qwen2"] = Llama with { Variant = LlamaVariant.Qwen2, Window = 4, UnlimitedLayers = 2, RotaryBase = 1_000_000 },
        ["bert"] = BertConfig.Tiny with
        {
            VocabularySize = 320, ContextLength = 48, Width = 32, HeadCount = 4, FeedForwardWidth = 72, LayerCount = 3, Dropout = 0, AttentionDropout = null, HasPairHead = true,
        },
    };

    public static TheoryData<string> Names => [.. Configs.Keys];

    public static TheoryData<string> Decoders => [.. Configs.Keys.Where(name => name != "bert")];

    public static TheoryData<string> Llamas => [.. Configs.Where(pair => pair.Value is LlamaConfig).Select(pair => pair.Key)];

    public static TransformerConfig Config(string name) => Configs[name];

    /// <summary>In evaluation mode; every weight, norms and biases too, is away from what it is when new.</summary>
    public static LanguageModel Create(string name, Precision precision = Precision.Float32) => Create(Configs[name], precision);

    public static LanguageModel Create(TransformerConfig config, Precision precision = Precision.Float32)
    {
        using var template = TestNetworks.CreateLanguageModel();
        var model = LanguageModel.Create(config, template.Tokenizer, precision, CPU, 3);
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var generator = new Generator(5, CPU);
        foreach (var parameter in model.Network.parameters())
        {
            parameter.add_(empty_like(parameter).normal_(0, 0.2, generator));
        }

        model.Network.eval();
        return model;
    }

    public static Dictionary<string, TorchSharp.Modules.Parameter> Parameters(TransformerModel network) =>
        network.named_parameters().ToDictionary(pair => pair.Item1, pair => pair.Item2);
}
