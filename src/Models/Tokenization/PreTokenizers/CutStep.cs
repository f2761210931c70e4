using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;

namespace MLNetLlm.Models;

/// <summary>What becomes of the places where a text is cut. Names as in <c>tokenizer.json</c>.</summary>
internal enum SplitBehavior
{
    Removed,
    Isolated,
    MergedWithPrevious,
    MergedWithNext,
    Contiguous,
}

/// <summary>Finds the places where a text is to be cut, none of them empty.</summary>
internal interface ICutFinder
{
    void Find(ReadOnlySpan<char> text, List<(int Start, int End)> places);
}

/// <summary>The matches of an expression.</summary>
internal sealed class MatchFinder(Regex expression) : ICutFinder
{
    public void Find(ReadOnlySpan<char> text, List<(int Start, int End)> places)
    {
        foreach (ValueMatch match in expression.EnumerateMatches(text))
        {
            if (match.Length > 0)
            {
                places.Add((match.Index, match.Index + match.Length));
            }
        }
    }
}

/// <summary>Each character of some kind.</summary>
internal sealed class CharacterFinder : ICutFinder
{
    private readonly Func<Rune, bool> _matches;
    private readonly bool[] _ascii;

    public CharacterFinder(Func<Rune, bool> matches)
    {
        _matches = matches;
        _ascii = Enumerable.Range(0, 128).Select(point => matches(new Rune(point))).ToArray();
    }

    public void Find(ReadOnlySpan<char> text, List<(int Start, int End)> places)
    {
        int length;
        for (int start = 0; start < text.Length; start += length)
        {
            length = 1;
            bool found = text[start] < 128
                ? _ascii[text[start]]
                : Rune.DecodeFromUtf16(text[start..], out Rune rune, out length) == OperationStatus.Done && _matches(rune);
            if (found)
            {
                places.Add((start, start + length));
            }
        }
    }
}

/// <summary>Cuts every piece at the places that a finder gives.</summary>
/// <param name="finder">Finds the places.</param>
/// <param name="behavior">What becomes of them.</param>
/// <param name="inverted">Whether what lies between the places counts as the places.</param>
internal sealed class CutStep(ICutFinder finder, SplitBehavior behavior, bool inverted = false) : IPieceStep
{
    public PieceList Apply(PieceList pieces)
    {
        List<Range> cut = new(Math.Max(pieces.Ranges.Count, pieces.Text.Length / 4) + 1);
        List<(int Start, int End)> places = [];
        List<(int Start, int End, bool Place)> parts = [];
        foreach (Range range in pieces.Ranges)
        {
            places.Clear();
            finder.Find(pieces[range], places);
            if (behavior is SplitBehavior.Isolated or SplitBehavior.Removed)
            {
                AddSeparately(places, range.Start.Value, range.End.Value, cut);
                continue;
            }

            parts.Clear();
            Cover(places, range.Start.Value, range.End.Value, parts);
            AddPieces(parts, cut);
        }

        return pieces with { Ranges = cut };
    }

    /// <summary>The usual behaviors, without looking at neighbours: the places, what lies between them, or both.</summary>
    private void AddSeparately(List<(int Start, int End)> places, int start, int end, List<Range> cut)
    {
        bool keepsPlaces = behavior == SplitBehavior.Isolated || inverted;
        bool keepsRest = behavior == SplitBehavior.Isolated || !inverted;
        int covered = start;
        foreach ((int placeStart, int placeEnd) in places)
        {
            if (keepsRest && start + placeStart > covered)
            {
                cut.Add(covered..(start + placeStart));
            }

            covered = start + placeEnd;
            if (keepsPlaces)
            {
                cut.Add((start + placeStart)..covered);
            }
        }

        if (keepsRest && covered < end)
        {
            cut.Add(covered..end);
        }
    }

    private void Cover(List<(int Start, int End)> places, int start, int end, List<(int Start, int End, bool Place)> parts)
    {
        int covered = start;
        foreach ((int placeStart, int placeEnd) in places)
        {
            if (start + placeStart > covered)
            {
                parts.Add((covered, start + placeStart, inverted));
            }

            covered = start + placeEnd;
            parts.Add((start + placeStart, covered, !inverted));
        }

        if (covered < end)
        {
            parts.Add((covered, end, inverted));
        }
    }

    private void AddPieces(List<(int Start, int End, bool Place)> parts, List<Range> cut)
    {
        for (int i = 0; i < parts.Count; i++)
        {
            (int start, int end, bool place) = parts[i];
            switch (behavior)
            {
                case SplitBehavior.Contiguous:
                    while (i + 1 < parts.Count && parts[i + 1].Place == place)
                    {
                        end = parts[++i].End;
                    }

                    break;
                case SplitBehavior.MergedWithPrevious when !place && i + 1 < parts.Count && parts[i + 1].Place:
                    end = parts[++i].End;
                    break;

                // Of several places in a row only the last one has text after it to be merged with.
                case SplitBehavior.MergedWithNext when place && i + 1 < parts.Count && !parts[i + 1].Place:
                    end = parts[++i].End;
                    break;
            }

            cut.Add(start..end);
        }
    }
}
