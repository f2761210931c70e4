using MLNetLlm.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNetLlm.Services.Tests;

/// <summary>Models that are small, and always the same.</summary>
internal static class TestModels
{
    public const int ContextLength = 96;

    public static ChatTemplate Template { get; } = ChatTemplate.ChatML;

    public static TextTokenizer Tokenizer { get; } = CreateTokenizer();

    /// <summary>A decoder with random weights, large enough to write other things after other prompts.</summary>
    public static LanguageModel Random(long seed = 1, int contextLength = ContextLength)
    {
        var config = GptConfig.Tiny with
        {
            VocabularySize = 320, ContextLength = contextLength, Width = 32, HeadCount = 4, LayerCount = 2, Dropout = 0, InitializerRange = 0.3,
        };
        var model = LanguageModel.Create(config, Tokenizer, Precision.Float32, CPU, seed);
        model.Network.eval();
        return model;
    }

    public static LanguageModel Bert(long seed = 1)
    {
        var config = BertConfig.Tiny with { VocabularySize = 320, ContextLength = ContextLength, Width = 32, HeadCount = 4, LayerCount = 2, Dropout = 0 };
        var model = LanguageModel.Create(config, Tokenizer, Precision.Float32, CPU, seed);
        model.Network.eval();
        return model;
    }

    /// <summary>A decoder that replies to a conversation of this many tokens with a text, and ends.</summary>
    public static LanguageModel Replying(int promptTokens, string reply)
    {
        const int size = 128;
        var config = GptConfig.Tiny with
        {
            VocabularySize = 320, ContextLength = size, Width = size, HeadCount = 4, LayerCount = 1, Dropout = 0, TiedEmbeddings = false,
        };
        var model = LanguageModel.Create(config, Tokenizer, Precision.Float32, CPU, 1);
        ScriptedDecoder.Script(model, [.. Tokenizer.Encode(reply), Tokenizer.SpecialTokens["<|im_end|>"]], promptTokens - 1);
        return model;
    }

    private static TextTokenizer CreateTokenizer()
    {
        var learned = BytePairLearner.Learn(
            ["the cat sat on the mat", "the dog sat on the log", "free prizes, call now"], new BytePairOptions { VocabularySize = 300 });
        using var model = LanguageModel.Create(
            GptConfig.Tiny with { VocabularySize = 320, ContextLength = 8, Width = 8, HeadCount = 1, LayerCount = 1 }, learned, Precision.Float32, CPU, 1);
        using var chatting = model.ForTemplate(Template);
        return chatting.Tokenizer;
    }

    public static int PromptTokens(params ChatTurn[] turns) => new ChatEncoder(Tokenizer, Template).Encode(turns).Ids.Length;
}
