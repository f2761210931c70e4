using Microsoft.ML;
using MLNetLlm.Models;
using MLNetLlm.Trainers;
using SpamFilter;

namespace MLNetLlm.ChatService.Tests;

/// <summary>
/// A chat model and a spam filter, both small, in a directory of their own. The chat model is random and says nothing of sense,
/// but always the same, and at length: greedily it never ends a text before its limit.
/// </summary>
public sealed class TinyModels : IDisposable
{
    public const int ContextLength = 4096;
    public const int LongText = 2000;

    private static readonly string[] Texts =
    [
        "win a free prize now, call this number today", "see you at home tonight, thanks for the meal",
        "the meeting is tomorrow at nine, bring the papers", "urgent: claim your reward before midnight, text WIN",
    ];

    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("mlnetllm-service-");

    public TinyModels()
    {
        var tokenizer = BytePairLearner.Learn(Enumerable.Repeat(Texts, 5).SelectMany(texts => texts), new BytePairOptions { VocabularySize = 320 });
        SaveTalkative(tokenizer);
        SaveFilter(SpamZip, tokenizer, spamIsSpam: true);
        SaveFilter(OppositeSpamZip, tokenizer, spamIsSpam: false);
    }

    public string Checkpoint => Path.Combine(directory.FullName, "chat");

    public string SpamZip => Path.Combine(directory.FullName, "spam.zip");

    /// <summary>A filter that holds the opposite of what the other one does.</summary>
    public string OppositeSpamZip => Path.Combine(directory.FullName, "opposite.zip");

    public void Dispose() => directory.Delete(recursive: true);

    private void SaveTalkative(TextTokenizer tokenizer)
    {
        var options = new GenerationOptions { MaximumNewTokens = LongText };
        for (var seed = 1; ; seed++)
        {
            using var random = Create(tokenizer, ContextLength, seed);
            using var model = random.ForTemplate(ChatTemplate.ChatML);
            var encoder = new ChatEncoder(model.Tokenizer, ChatTemplate.ChatML);
            var prompt = encoder.Encode([ChatTurn.User("Hello")]).Ids;
            var text = new TextGenerator(model).Generate(prompt, options with { StopTokenIds = [.. encoder.StopIds] });
            if (text.FinishReason == FinishReason.Length && text.Text.Trim().Length > LongText)
            {
                model.Save(Checkpoint);
                return;
            }
        }
    }

    private static LanguageModel Create(TextTokenizer tokenizer, int contextLength, int seed) => LanguageModel.Create(
        new GptConfig { VocabularySize = 320, ContextLength = contextLength, LayerCount = 2, HeadCount = 2, Width = 32, InitializerRange = 0.3 },
        tokenizer, Precision.Float32, ComputeDevice.Select("cpu"), seed);

    private static void SaveFilter(string path, TextTokenizer tokenizer, bool spamIsSpam)
    {
        var ml = new MLContext(seed: 1);
        var rows = ml.Data.LoadFromEnumerable(Enumerable.Repeat(Texts, 8).SelectMany(texts => texts.Select((text, index) => new Message
        {
            Text = text,
            Label = (index is 0 or 3) == spamIsSpam,
        })));
        using var language = Create(tokenizer, 64, seed: 1);
        using var filter = ml.BinaryClassification.Trainers.TextClassification(new TextClassificationOptions
        {
            LanguageModel = language,
            Training = new TrainingOptions { Epochs = 6, BatchSize = 8, LearningRate = 5e-3, Seed = 1 },
        }).Fit(rows);
        ml.Model.Save(filter, rows.Schema, path);
    }
}
