namespace MLNetLlm.Models;

/// <content>
/// Named shapes. The small ones are for learning from scratch on a processor, with a vocabulary that is meant to be replaced
/// by the size of a tokenizer learned on the user's texts; the others are those of published checkpoints.
/// </content>
public sealed partial record LlamaConfig
{
    /// <summary>2 layers x 64, context 128: for tests; trains in seconds.</summary>
    public static LlamaConfig Tiny { get; } = new()
    {
        VocabularySize = 1024, ContextLength = 128, LayerCount = 2, HeadCount = 4, KeyValueHeadCount = 2, Width = 64, FeedForwardWidth = 176,
        TiedEmbeddings = true, Dropout = 0.1,
    };

    /// <summary>4 layers x 128, context 256, about 1 million weights: short texts on two cores in a minute or two.</summary>
    public static LlamaConfig Mini { get; } = new()
    {
        VocabularySize = 2048, ContextLength = 256, LayerCount = 4, HeadCount = 4, KeyValueHeadCount = 2, Width = 128, FeedForwardWidth = 352,
        TiedEmbeddings = true, Dropout = 0.1,
    };

    /// <summary>4 layers x 192, context 256, about 2 million weights: the better choice where minutes do not matter.</summary>
    public static LlamaConfig Small { get; } = new()
    {
        VocabularySize = 2048, ContextLength = 256, LayerCount = 4, HeadCount = 6, KeyValueHeadCount = 2, Width = 192, FeedForwardWidth = 512,
        TiedEmbeddings = true, Dropout = 0.1,
    };

    /// <summary>SmolLM2 135M (Ben Allal et al. 2025): 30 layers x 576, the smallest published one that is of use on a processor.</summary>
    public static LlamaConfig SmolLM2At135M { get; } = new()
    {
        VocabularySize = 49_152, ContextLength = 8192, LayerCount = 30, HeadCount = 9, KeyValueHeadCount = 3, Width = 576, FeedForwardWidth = 1536,
        TiedEmbeddings = true, NormEpsilon = 1e-5, RotaryBase = 100_000,
    };

    /// <summary>TinyLlama 1.1B (Zhang et al. 2024): 22 layers x 2048.</summary>
    public static LlamaConfig TinyLlamaAt1100M { get; } = new()
    {
        LayerCount = 22, KeyValueHeadCount = 4, Width = 2048, FeedForwardWidth = 5632, NormEpsilon = 1e-5,
    };

    /// <summary>Llama 2 7B: 32 layers x 4096.</summary>
    public static LlamaConfig Llama2At7B { get; } = new() { ContextLength = 4096, NormEpsilon = 1e-5 };

    /// <summary>Llama 3 8B: 32 layers x 4096.</summary>
    public static LlamaConfig Llama3At8B { get; } = new()
    {
        VocabularySize = 128_256, ContextLength = 8192, KeyValueHeadCount = 8, FeedForwardWidth = 14_336, NormEpsilon = 1e-5, RotaryBase = 500_000,
    };

    /// <summary>Llama 3.2 1B: 16 layers x 2048, positions scaled from 8,192 to 131,072.</summary>
    public static LlamaConfig Llama32At1B { get; } = new()
    {
        VocabularySize = 128_256, ContextLength = 131_072, LayerCount = 16, KeyValueHeadCount = 8, HeadWidth = 64, Width = 2048, FeedForwardWidth = 8192,
        TiedEmbeddings = true, NormEpsilon = 1e-5, RotaryBase = 500_000,
        RotaryScaling = new RotaryScaling { Kind = RotaryScalingKind.Llama3, Factor = 32, OriginalContextLength = 8192 },
    };

    /// <summary>Mistral 7B v0.1: 32 layers x 4096, each token sees 4,096.</summary>
    public static LlamaConfig MistralAt7B { get; } = new()
    {
        Variant = LlamaVariant.Mistral, ContextLength = 32_768, KeyValueHeadCount = 8, FeedForwardWidth = 14_336, NormEpsilon = 1e-5, Window = 4096,
    };

    /// <summary>Qwen2 0.5B: 24 layers x 896.</summary>
    public static LlamaConfig Qwen2At500M { get; } = new()
    {
        Variant = LlamaVariant.Qwen2, VocabularySize = 151_936, ContextLength = 131_072, LayerCount = 24, HeadCount = 14, KeyValueHeadCount = 2, Width = 896,
        FeedForwardWidth = 4864, TiedEmbeddings = true, RotaryBase = 1_000_000,
    };
}
