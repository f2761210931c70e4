using System.Text.RegularExpressions;

namespace MLNetLlm.Models;

/// <summary>
/// Cuts text into the pieces within which byte pairs are merged. Several expressions are applied one after the other,
/// each to the pieces that the ones before it left. No character is lost: what an expression does not match between two
/// matches is a piece too.
/// </summary>
internal sealed partial class PiecePattern
{
    /// <summary>GPT-2's expression, as published with the model and built into Hugging Face's <c>ByteLevel</c>.</summary>
    public const string Gpt2Expression = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    /// <summary>The expression of the encoding cl100k_base, without possessive quantifiers, which change no match here.</summary>
    public const string Cl100kExpression = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <summary>The expression of the encoding o200k_base.</summary>
    public const string O200kExpression = @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    // Expressions come out of files: one that backtracks without end must stop the call, not the service.
    private const int TimeoutMilliseconds = 30_000;

    private readonly Regex[] _expressions;

    private PiecePattern(IReadOnlyList<string> expressions)
    {
        Expressions = expressions;
        _expressions = expressions.Select(Compile).ToArray();
    }

    public static PiecePattern Gpt2 { get; } = new([Gpt2Expression]);

    public IReadOnlyList<string> Expressions { get; }

    /// <exception cref="ArgumentException">An expression is not a valid one.</exception>
    public static PiecePattern Create(IReadOnlyList<string> expressions) =>
        expressions is [Gpt2Expression] ? Gpt2 : new PiecePattern(expressions);

    /// <summary>The pieces' ranges in order; together they are the text.</summary>
    public List<Range> Split(ReadOnlySpan<char> text)
    {
        List<Range> pieces = new(text.Length / 4 + 1);
        if (_expressions is [Regex only])
        {
            AddPieces(only, text, 0, pieces);
            return pieces;
        }

        pieces.Add(0..text.Length);
        foreach (Regex expression in _expressions)
        {
            List<Range> finer = new(pieces.Count);
            foreach (Range piece in pieces)
            {
                AddPieces(expression, text[piece], piece.Start.Value, finer);
            }

            pieces = finer;
        }

        return pieces;
    }

    private static void AddPieces(Regex expression, ReadOnlySpan<char> text, int offset, List<Range> pieces)
    {
        int end = 0;
        foreach (ValueMatch match in expression.EnumerateMatches(text))
        {
            if (match.Length == 0)
            {
                continue;
            }

            if (match.Index > end)
            {
                pieces.Add((offset + end)..(offset + match.Index));
            }

            end = match.Index + match.Length;
            pieces.Add((offset + match.Index)..(offset + end));
        }

        if (end < text.Length)
        {
            pieces.Add((offset + end)..(offset + text.Length));
        }
    }

    private static Regex Compile(string expression) => expression switch
    {
        Gpt2Expression => Gpt2Regex(),
        Cl100kExpression => Cl100kRegex(),
        O200kExpression => O200kRegex(),
        _ => new Regex(expression, RegexOptions.CultureInvariant, TimeSpan.FromMilliseconds(TimeoutMilliseconds)),
    };

    [GeneratedRegex(Gpt2Expression, RegexOptions.CultureInvariant, TimeoutMilliseconds)]
    private static partial Regex Gpt2Regex();

    [GeneratedRegex(Cl100kExpression, RegexOptions.CultureInvariant, TimeoutMilliseconds)]
    private static partial Regex Cl100kRegex();

    [GeneratedRegex(O200kExpression, RegexOptions.CultureInvariant, TimeoutMilliseconds)]
    private static partial Regex O200kRegex();
}
