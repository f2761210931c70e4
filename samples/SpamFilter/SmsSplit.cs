namespace SpamFilter;

/// <summary>How the labelled messages are chosen.</summary>
internal enum SplitKind
{
    /// <summary>All messages: far more ham than spam.</summary>
    All,

    /// <summary>As many ham as spam; what is left over has no label any more and serves as pretraining text.</summary>
    Balanced,
}

/// <summary>
/// The messages in four parts that have no text in common: duplicates are removed before anything else. Each labelled part has
/// the two classes in the same shares.
/// </summary>
internal sealed record SmsSplit
{
    private const double TrainingShare = 0.7;
    private const double ValidationShare = 0.1;
    private const int FewestOfAClass = 10;

    public required IReadOnlyList<Message> Training { get; init; }

    public required IReadOnlyList<Message> Validation { get; init; }

    public required IReadOnlyList<Message> Test { get; init; }

    public required IReadOnlyList<Message> Unlabelled { get; init; }

    public required int DuplicatesRemoved { get; init; }

    /// <summary>What the tokenizer is learned from and the language model pretrained on: no validation or test text is in it.</summary>
    public IReadOnlyList<Message> Pretraining => [.. Training, .. Unlabelled];

    /// <exception cref="InvalidDataException">A class has too few messages to be split.</exception>
    public static SmsSplit Create(IReadOnlyList<Message> messages, SplitKind kind, int seed)
    {
        var distinct = messages.DistinctBy(message => message.Text, StringComparer.Ordinal).ToList();
        var random = new Random(seed);
        var ham = Shuffled(distinct.Where(message => !message.Label), random);
        var spam = Shuffled(distinct.Where(message => message.Label), random);
        RequireEnough(ham, "ham");
        RequireEnough(spam, "spam");

        var rowsOfAClass = kind == SplitKind.Balanced ? Math.Min(ham.Length, spam.Length) : int.MaxValue;
        Message[][] classes = [ham.Take(rowsOfAClass).ToArray(), spam.Take(rowsOfAClass).ToArray()];
        return new SmsSplit
        {
            Training = Shuffled(classes.SelectMany(rows => rows[..TrainingEnd(rows)]), random),
            Validation = Shuffled(classes.SelectMany(rows => rows[TrainingEnd(rows)..ValidationEnd(rows)]), random),
            Test = Shuffled(classes.SelectMany(rows => rows[ValidationEnd(rows)..]), random),
            Unlabelled = [.. ham.Skip(rowsOfAClass), .. spam.Skip(rowsOfAClass)],
            DuplicatesRemoved = messages.Count - distinct.Count,
        };
    }

    private static int TrainingEnd(Message[] rows) => (int)Math.Round(rows.Length * TrainingShare);

    private static int ValidationEnd(Message[] rows) => (int)Math.Round(rows.Length * (TrainingShare + ValidationShare));

    private static Message[] Shuffled(IEnumerable<Message> messages, Random random)
    {
        var rows = messages.ToArray();
        random.Shuffle(rows);
        return rows;
    }

    private static void RequireEnough(Message[] rows, string className)
    {
        if (rows.Length < FewestOfAClass)
        {
            throw new InvalidDataException(
                $"The data has {rows.Length} different {className} messages; at least {FewestOfAClass} of each class are needed to train, validate and test.");
        }
    }
}
