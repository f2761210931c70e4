namespace MLNetLlm.Models;

/// <content>
/// Named shapes. The small ones are for learning from scratch on a processor: no dropout of attention weights, which changes
/// quality little and costs much there, short contexts, and a vocabulary that is meant to be replaced by the size of a
/// tokenizer learned on the user's texts.
/// </content>
public sealed partial record GptConfig
{
    /// <summary>2 layers x 64, context 128: for tests; trains in seconds.</summary>
    public static GptConfig Tiny { get; } = new()
    {
        VocabularySize = 1024, ContextLength = 128, LayerCount = 2, HeadCount = 2, Width = 64,
        Activation = Activation.Gelu, AttentionDropout = 0,
    };

    /// <summary>4 layers x 128, context 256, about 1 million weights: short texts on two cores in a minute or two.</summary>
    public static GptConfig Mini { get; } = new()
    {
        VocabularySize = 2048, ContextLength = 256, LayerCount = 4, HeadCount = 4, Width = 128,
        Activation = Activation.Gelu, AttentionDropout = 0,
    };

    /// <summary>4 layers x 192, context 256, about 2.2 million weights: the better choice where minutes do not matter.</summary>
    public static GptConfig Small { get; } = new()
    {
        VocabularySize = 2048, ContextLength = 256, LayerCount = 4, HeadCount = 6, Width = 192,
        Activation = Activation.Gelu, AttentionDropout = 0,
    };

    /// <summary>6 layers x 384, context 256, about 12 million weights: the largest that is pleasant on a processor.</summary>
    public static GptConfig Medium { get; } = new()
    {
        VocabularySize = 4096, ContextLength = 256, LayerCount = 6, HeadCount = 6, Width = 384,
        Activation = Activation.Gelu, AttentionDropout = 0,
    };

    /// <summary>GPT-2 (124 million weights): 12 layers x 768.</summary>
    public static GptConfig Gpt2Small { get; } = new();

    /// <summary>GPT-2 medium (355 million weights): 24 layers x 1024.</summary>
    public static GptConfig Gpt2Medium { get; } = new() { LayerCount = 24, HeadCount = 16, Width = 1024 };

    /// <summary>GPT-2 large (774 million weights): 36 layers x 1280.</summary>
    public static GptConfig Gpt2Large { get; } = new() { LayerCount = 36, HeadCount = 20, Width = 1280 };

    /// <summary>GPT-2 XL (1.56 billion weights): 48 layers x 1600.</summary>
    public static GptConfig Gpt2XL { get; } = new() { LayerCount = 48, HeadCount = 25, Width = 1600 };
}
