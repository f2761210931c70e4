using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace MLNetLlm.Models;

/// <summary>How a text is cut: the steps in order, and whether the pieces are then spelled byte by byte.</summary>
internal sealed record PreTokenization(IReadOnlyList<IPieceStep> Steps, bool ByteLevel);

/// <summary>Turns the <c>pre_tokenizer</c> of a <c>tokenizer.json</c> into the steps that it describes.</summary>
internal static partial class PreTokenizerReader
{
    private const string Supported =
        "one of Sequence, BertPreTokenizer, ByteLevel, CharDelimiterSplit, Digits, Metaspace, Punctuation, Split, Whitespace, WhitespaceSplit";

    public static PreTokenization Read(JsonSection section)
    {
        List<IPieceStep> steps = [];
        bool byteLevel = false;
        foreach (JsonSection step in section.Steps("pretokenizers"))
        {
            if (byteLevel)
            {
                throw step.NotSupported("type", "nothing after ByteLevel");
            }

            byteLevel = step.Type == "ByteLevel";
            steps.AddRange(ReadStep(step));
        }

        return new PreTokenization(steps, byteLevel);
    }

    public static bool IsPunctuation(Rune rune) =>
        Rune.IsPunctuation(rune) || rune.Value is (>= '!' and <= '/') or (>= ':' and <= '@') or (>= '[' and <= '`') or (>= '{' and <= '~');

    private static IEnumerable<IPieceStep> ReadStep(JsonSection step) => step.Type switch
    {
        "BertPreTokenizer" => [AtWhiteSpace(), new CutStep(new CharacterFinder(IsPunctuation), SplitBehavior.Isolated)],
        "ByteLevel" => ByteLevel(step),
        "CharDelimiterSplit" => [new CutStep(new CharacterFinder(DelimiterOf(step)), SplitBehavior.Removed)],
        "Digits" => [new CutStep(new CharacterFinder(IsNumeric), step.Flag("individual_digits", false) ? SplitBehavior.Isolated : SplitBehavior.Contiguous)],
        "Metaspace" => [Metaspace(step)],
        "Punctuation" => [new CutStep(new CharacterFinder(IsPunctuation), Behavior(step, SplitBehavior.Isolated))],
        "Split" => [Split(step)],
        "Whitespace" => [new CutStep(new MatchFinder(WordsOrSymbols()), SplitBehavior.Removed, inverted: true)],
        "WhitespaceSplit" => [AtWhiteSpace()],
        _ => throw step.NotSupported("type", Supported),
    };

    private static IEnumerable<IPieceStep> ByteLevel(JsonSection step)
    {
        if (step.Flag("add_prefix_space", true))
        {
            yield return new PrefixSpaceStep();
        }

        if (step.Flag("use_regex", true))
        {
            yield return new CutStep(new MatchFinder(PiecePattern.Gpt2), SplitBehavior.Isolated);
        }
    }

    private static CutStep AtWhiteSpace() => new(new CharacterFinder(Rune.IsWhiteSpace), SplitBehavior.Removed);

    private static Func<Rune, bool> DelimiterOf(JsonSection step)
    {
        string delimiter = step.Text("delimiter");
        return Rune.TryGetRuneAt(delimiter, 0, out Rune expected) && expected.Utf16SequenceLength == delimiter.Length
            ? rune => rune == expected
            : throw step.Find("delimiter")!.Value.Expected("one character");
    }

    private static bool IsNumeric(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber;

    private static MetaspaceStep Metaspace(JsonSection step)
    {
        string replacement = step.Text("replacement", "\u2581");
        if (replacement.Length != 1)
        {
            throw step.Find("replacement")!.Value.Expected("one character");
        }

        return new MetaspaceStep(replacement[0], Scheme(step), step.Flag("split", true));
    }

    /// <summary>Files before prepend_scheme said add_prefix_space instead.</summary>
    public static PrefixScheme Scheme(JsonSection step) => step.Find("prepend_scheme") is not JsonSection scheme
        ? step.Flag("add_prefix_space", true) ? PrefixScheme.Always : PrefixScheme.Never
        : scheme.AsText() switch
        {
            "always" => PrefixScheme.Always,
            "first" => PrefixScheme.First,
            "never" => PrefixScheme.Never,
            _ => throw scheme.Expected("'always', 'first' or 'never'"),
        };

    private static CutStep Split(JsonSection step)
    {
        (string? literal, Regex? expression) = PatternReader.Read(step);
        return new CutStep(
            new MatchFinder(expression ?? PiecePattern.Compile(Regex.Escape(literal!))), Behavior(step, missing: null), step.Flag("invert", false));
    }

    private static SplitBehavior Behavior(JsonSection step, SplitBehavior? missing)
    {
        string name = step.Text("behavior", missing?.ToString() ?? "");
        return Enum.TryParse(name, out SplitBehavior behavior) && behavior.ToString() == name
            ? behavior
            : throw step.NotSupported("behavior", $"one of {string.Join(", ", Enum.GetNames<SplitBehavior>())}");
    }

    [GeneratedRegex(@"\w+|[^\w\s]+", RegexOptions.CultureInvariant, 30_000)]
    private static partial Regex WordsOrSymbols();
}
