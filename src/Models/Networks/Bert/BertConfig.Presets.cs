namespace MLNetLlm.Models;

/// <content>
/// Named shapes. The small ones are for learning from scratch on a processor, with a vocabulary that is meant to be replaced
/// by the size of a tokenizer learned on the user's texts; the others are those of published checkpoints.
/// </content>
public sealed partial record BertConfig
{
    /// <summary>2 layers x 64, context 128: for tests; trains in seconds.</summary>
    public static BertConfig Tiny { get; } = new()
    {
        VocabularySize = 1024, ContextLength = 128, LayerCount = 2, HeadCount = 2, Width = 64, FeedForwardWidth = 256, AttentionDropout = 0,
    };

    /// <summary>4 layers x 128, context 256, about 1.1 million weights: short texts on two cores in a minute or two.</summary>
    public static BertConfig Mini { get; } = new()
    {
        VocabularySize = 2048, ContextLength = 256, LayerCount = 4, HeadCount = 4, Width = 128, FeedForwardWidth = 512, AttentionDropout = 0,
    };

    /// <summary>4 layers x 192, context 256, about 2.3 million weights: the better choice where minutes do not matter.</summary>
    public static BertConfig Small { get; } = new()
    {
        VocabularySize = 2048, ContextLength = 256, LayerCount = 4, HeadCount = 6, Width = 192, FeedForwardWidth = 768, AttentionDropout = 0,
    };

    /// <summary>The smallest published BERT (Turc et al. 2019; 4.4 million weights): 2 layers x 128.</summary>
    public static BertConfig BertTiny { get; } = new() { LayerCount = 2, HeadCount = 2, Width = 128, FeedForwardWidth = 512, HasPairHead = true };

    /// <summary>BERT base, uncased English (110 million weights): 12 layers x 768.</summary>
    public static BertConfig BertBase { get; } = new() { HasPairHead = true };

    /// <summary>BERT large, uncased English (336 million weights): 24 layers x 1024.</summary>
    public static BertConfig BertLarge { get; } = new() { LayerCount = 24, HeadCount = 16, Width = 1024, FeedForwardWidth = 4096, HasPairHead = true };
}
