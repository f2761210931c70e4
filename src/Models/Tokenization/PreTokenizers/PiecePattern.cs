using System.Text.RegularExpressions;

namespace MLNetLlm.Models;

/// <summary>The expressions that cut text into the pieces within which tokens are found.</summary>
internal static partial class PiecePattern
{
    /// <summary>GPT-2's expression, as published with the model and built into Hugging Face's <c>ByteLevel</c>.</summary>
    public const string Gpt2Expression = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    /// <summary>
    /// The expression of the encoding cl100k_base and of LLaMA 3, without possessive quantifiers, which change no match here.
    /// </summary>
    public const string Cl100kExpression = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <summary>The expression of Qwen's first and second generation: as cl100k_base, but digits one by one.</summary>
    public const string QwenExpression = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <summary>The expression of the encoding o200k_base.</summary>
    public const string O200kExpression = @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <summary>Spaces at the ends of a text, and several in a row: what SentencePiece removes.</summary>
    public const string OuterSpaces = @"\A +| +\z";

    /// <inheritdoc cref="OuterSpaces"/>
    public const string RepeatedSpaces = " {2,}";

    // Expressions come out of files: one that backtracks without end must stop the call, not the service.
    private const int TimeoutMilliseconds = 30_000;

    public static Regex Gpt2 => Gpt2Regex();

    /// <exception cref="ArgumentException">The expression is not a valid one.</exception>
    public static Regex Compile(string expression) => expression switch
    {
        Gpt2Expression => Gpt2Regex(),
        Cl100kExpression => Cl100kRegex(),
        QwenExpression => QwenRegex(),
        O200kExpression => O200kRegex(),
        OuterSpaces => OuterSpacesRegex(),
        RepeatedSpaces => RepeatedSpacesRegex(),
        _ => new Regex(expression, RegexOptions.CultureInvariant, TimeSpan.FromMilliseconds(TimeoutMilliseconds)),
    };

    [GeneratedRegex(Gpt2Expression, RegexOptions.CultureInvariant, TimeoutMilliseconds)]
    private static partial Regex Gpt2Regex();

    [GeneratedRegex(Cl100kExpression, RegexOptions.CultureInvariant, TimeoutMilliseconds)]
    private static partial Regex Cl100kRegex();

    [GeneratedRegex(QwenExpression, RegexOptions.CultureInvariant, TimeoutMilliseconds)]
    private static partial Regex QwenRegex();

    [GeneratedRegex(O200kExpression, RegexOptions.CultureInvariant, TimeoutMilliseconds)]
    private static partial Regex O200kRegex();

    [GeneratedRegex(OuterSpaces, RegexOptions.CultureInvariant, TimeoutMilliseconds)]
    private static partial Regex OuterSpacesRegex();

    [GeneratedRegex(RepeatedSpaces, RegexOptions.CultureInvariant, TimeoutMilliseconds)]
    private static partial Regex RepeatedSpacesRegex();
}
