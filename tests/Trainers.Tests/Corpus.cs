using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetLlm.Models;

namespace MLNetLlm.Trainers.Tests;

/// <summary>Small texts whose classes anyone can tell apart, and a network small enough to learn them in a second.</summary>
internal static class Corpus
{
    private static readonly string[] Prizes = ["cash", "holiday", "phone", "voucher", "car"];
    private static readonly string[] Friends = ["Ann", "Bob", "Cleo", "Dan", "Eve"];
    private static readonly string[] Places = ["the station", "home", "the office", "the park"];

    public static readonly GptConfig Network = new()
    {
        VocabularySize = 320,
        ContextLength = 32,
        LayerCount = 2,
        HeadCount = 2,
        Width = 32,
        Dropout = 0,
    };

    public static readonly BytePairOptions BytePairs = new() { VocabularySize = 320 };

    public static readonly TrainingOptions Training = new()
    {
        Epochs = 4,
        BatchSize = 16,
        LearningRate = 5e-3,
        Device = "cpu",
        Precision = Precision.Float32,
        Seed = 1,
    };

    public static IReadOnlyList<Message> Messages(int count)
    {
        var random = new Random(7);
        return Enumerable.Range(0, count).Select(index => index % 3 == 0
            ? new Message { Label = true, Kind = "spam", Text = $"WIN a free {Pick(Prizes)} now! Call 0800{random.Next(1000, 9999)}" }
            : new Message { Label = false, Kind = index % 3 == 1 ? "meet" : "ask", Text = index % 3 == 1
                ? $"Hi {Pick(Friends)}, see you at {Pick(Places)} at {random.Next(1, 12)}"
                : $"{Pick(Friends)}, did you call {Pick(Friends)} about {Pick(Places)}?" }).ToList();

        string Pick(string[] words) => words[random.Next(words.Length)];
    }

    public static IDataView View(MLContext context, int count = 240) => context.Data.LoadFromEnumerable(Messages(count));

    public sealed class Message
    {
        public string? Text { get; set; }

        public bool Label { get; set; }

        public string Kind { get; set; } = "";
    }

    public sealed class Verdict
    {
        public float Score { get; set; }

        public float Probability { get; set; }

        [ColumnName("PredictedLabel")]
        public bool IsSpam { get; set; }
    }
}
