using MLNetLlm.Models;

namespace MLNetLlm.Transforms.Tests;

/// <summary>Models that are small and random, but always the same.</summary>
internal static class TinyModels
{
    public const int ContextLength = 32;
    public const int Width = 16;

    public static readonly TextTokenizer Tokenizer = BytePairLearner.Learn(
        Enumerable.Repeat("win a free prize now, call later, see you at home tonight, thanks, the meeting is tomorrow", 5),
        new BytePairOptions { VocabularySize = 320 });

    public static LanguageModel LanguageModel(int seed = 1) => Models.LanguageModel.Create(
        new GptConfig
        {
            VocabularySize = 320,
            ContextLength = ContextLength,
            LayerCount = 2,
            HeadCount = 2,
            Width = Width,
            // Larger than usual, so that the outputs of an untrained model differ from text to text.
            InitializerRange = 0.3,
        },
        Tokenizer, Precision.Float32, ComputeDevice.Select("cpu"), seed);

    public static TextClassificationModel Classifier(params string[] labels) =>
        TextClassificationModel.Create(LanguageModel(), labels, Pooling.LastToken, ContextLength, dropout: 0, seed: 2);
}
