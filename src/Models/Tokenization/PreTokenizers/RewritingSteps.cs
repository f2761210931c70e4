using System.Text;

namespace MLNetLlm.Models;

/// <summary>When a mark is put before a piece.</summary>
internal enum PrefixScheme
{
    Always,
    First,
    Never,
}

/// <summary>SentencePiece's way of keeping spaces: each becomes a visible mark, and words begin with one.</summary>
internal sealed class MetaspaceStep(char mark, PrefixScheme scheme, bool splits) : IPieceStep
{
    private readonly CutStep _cut = new(new CharacterFinder(rune => rune.Value == mark), SplitBehavior.MergedWithNext);

    public PieceList Apply(PieceList pieces)
    {
        PieceList marked = PiecePrefix.Rewrite(pieces, (piece, isFirst) =>
        {
            bool begins = piece[0] == mark || piece[0] == ' ';
            bool prefixed = !begins && (scheme == PrefixScheme.Always || (scheme == PrefixScheme.First && isFirst));
            return prefixed ? mark : null;
        });
        marked = marked with { Text = marked.Text.Replace(' ', mark) };
        return splits ? _cut.Apply(marked) : marked;
    }
}

/// <summary>A space before every piece that does not begin with white space.</summary>
internal sealed class PrefixSpaceStep : IPieceStep
{
    public PieceList Apply(PieceList pieces) => PiecePrefix.Rewrite(pieces, (piece, _) => char.IsWhiteSpace(piece[0]) ? null : ' ');
}

/// <summary>Puts characters before pieces.</summary>
internal static class PiecePrefix
{
    public delegate char? PrefixOf(ReadOnlySpan<char> piece, bool isFirst);

    public static PieceList Rewrite(PieceList pieces, PrefixOf prefixOf)
    {
        StringBuilder text = new(pieces.Text.Length + pieces.Ranges.Count);
        List<Range> ranges = new(pieces.Ranges.Count);
        foreach (Range range in pieces.Ranges)
        {
            int start = text.Length;
            ReadOnlySpan<char> piece = pieces[range];
            if (prefixOf(piece, pieces.BeginsInput && range.Start.Value == 0) is char prefix)
            {
                text.Append(prefix);
            }

            text.Append(piece);
            ranges.Add(start..text.Length);
        }

        return pieces with { Text = text.ToString(), Ranges = ranges };
    }
}
