namespace MLNetLlm.Models;

/// <summary>How a byte-level byte-pair vocabulary is learned.</summary>
public sealed record BytePairOptions
{
    private const int ByteCount = 256;

    /// <summary>How many tokens to have in all: special tokens, the 256 bytes, and one for each merge. Default 4,096.</summary>
    /// <remarks>A text too small to give that many merges gives fewer tokens.</remarks>
    public int VocabularySize { get; init; } = 4096;

    /// <summary>How often two neighbouring tokens must occur in the text to be merged; at least 1. Default 2.</summary>
    public int MinimumFrequency { get; init; } = 2;

    /// <summary>Tokens for marks that are no text, in the order of their ids. Default: <c>&lt;|endoftext|&gt;</c>.</summary>
    public IReadOnlyList<string> SpecialTokens { get; init; } = ["<|endoftext|>"];

    /// <summary>The two of <see cref="SpecialTokens"/> that frame every text; <see langword="null"/> for none, as decoders are used to.</summary>
    public TextFrame? Frame { get; init; }

    /// <summary>With the special tokens of BERT: texts stand between <c>[CLS]</c> and <c>[SEP]</c>, and <c>[MASK]</c> hides a token.</summary>
    public static BytePairOptions Bert { get; } = new()
    {
        SpecialTokens = ["[PAD]", "[CLS]", "[SEP]", "[MASK]"],
        Frame = new TextFrame("[CLS]", "[SEP]"),
    };

    /// <exception cref="ArgumentOutOfRangeException">A number is too small; names the setting, what it should be and what it is.</exception>
    /// <exception cref="ArgumentException">A special token is empty, a single character, or given twice, or the frame's are none.</exception>
    public void Validate()
    {
        ArgumentNullException.ThrowIfNull(SpecialTokens);
        int smallest = ByteCount + SpecialTokens.Count;
        if (VocabularySize < smallest)
        {
            throw new ArgumentOutOfRangeException(
                nameof(VocabularySize),
                VocabularySize,
                $"{nameof(VocabularySize)} should be at least {smallest} (256 bytes and {SpecialTokens.Count} special tokens); found {VocabularySize}.");
        }

        if (MinimumFrequency < 1)
        {
            throw new ArgumentOutOfRangeException(
                nameof(MinimumFrequency), MinimumFrequency, $"{nameof(MinimumFrequency)} should be at least 1; found {MinimumFrequency}.");
        }

        HashSet<string> seen = [];
        foreach (string token in SpecialTokens)
        {
            // One character could be the spelling of a byte.
            if (token is not { Length: > 1 })
            {
                throw new ArgumentException($"{nameof(SpecialTokens)} should each have two characters or more; found '{token}'.", nameof(SpecialTokens));
            }

            if (!seen.Add(token))
            {
                throw new ArgumentException($"{nameof(SpecialTokens)} should all be different; found '{token}' twice.", nameof(SpecialTokens));
            }
        }

        if (Frame is not null && (!seen.Contains(Frame.Before) || !seen.Contains(Frame.After)))
        {
            throw new ArgumentException(
                $"{nameof(Frame)} should name two of the {nameof(SpecialTokens)}, {string.Join(", ", SpecialTokens)}; found '{Frame.Before}' and '{Frame.After}'.",
                nameof(Frame));
        }
    }
}
