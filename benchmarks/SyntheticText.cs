namespace MLNetLlm.Benchmarks;

/// <summary>Texts with the length statistics of short messages, made from a seed.</summary>
internal static class SyntheticText
{
    private static readonly string[] Words =
    [
        "call", "me", "when", "you", "get", "home", "the", "meeting", "is", "at", "five", "free", "prize", "today", "see",
        "there", "thanks", "for", "dinner", "tomorrow", "ok", "claim", "your", "reward", "now", "sorry", "late", "train", "again",
    ];

    public static IReadOnlyList<TextRow> Rows(int count)
    {
        var random = new Random(1);
        return Enumerable.Range(0, count).Select(_ =>
        {
            var words = Enumerable.Range(0, random.Next(4, 32)).Select(_ => Words[random.Next(Words.Length)]);
            var text = string.Join(' ', words);
            return new TextRow { Text = text, Label = text.Contains("prize") || text.Contains("reward") };
        }).ToList();
    }

    public sealed class TextRow
    {
        public string Text { get; set; } = "";

        public bool Label { get; set; }
    }
}
