using System.Text;

namespace Microsoft.ML.Tokenizers;

/// <summary>Finds the pieces whose scores, which are log probabilities, have the largest sum (Viterbi).</summary>
internal sealed class UnigramSegmenter : ISentencePieceSegmenter
{
    private const float UnknownPenalty = 10;

    private readonly SentencePieceModel _model;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _ids;
    private readonly int _longest;
    private readonly float _lowest;
    private readonly float _highest;

    public UnigramSegmenter(SentencePieceModel model)
    {
        _model = model;
        Dictionary<string, int> ids = new(StringComparer.Ordinal);
        for (int id = 0; id < model.Pieces.Count; id++)
        {
            if (model.Pieces[id].Type is SentencePieceType.Normal or SentencePieceType.UserDefined or SentencePieceType.Unused)
            {
                ids.Add(model.Pieces[id].Text, id);
            }
        }

        _ids = ids.GetAlternateLookup<ReadOnlySpan<char>>();
        _longest = ids.Keys.Max(piece => piece.Length);
        _lowest = ids.Values.Min(id => model.Pieces[id].Score);
        _highest = ids.Values.Max(id => model.Pieces[id].Score);
    }

    public List<(int Id, Range Range)> Segment(ReadOnlySpan<char> text)
    {
        (float Score, int Start, int Id)[] best = new (float, int, int)[text.Length + 1];
        Array.Fill(best, (0, -1, -1));
        int characterLength;
        for (int start = 0; start < text.Length; start += characterLength)
        {
            characterLength = start + 1 < text.Length && char.IsSurrogatePair(text[start], text[start + 1]) ? 2 : 1;
            float here = best[start].Score;
            bool hasSingle = false;
            for (int length = 1; length <= Math.Min(_longest, text.Length - start); length++)
            {
                ReadOnlySpan<char> piece = text.Slice(start, length);
                if (_ids.TryGetValue(piece, out int id) && _model.Pieces[id].Type != SentencePieceType.Unused)
                {
                    hasSingle |= length == characterLength;
                    Offer(best, start + length, start, id, here + Score(id, piece));
                }
            }

            if (!hasSingle)
            {
                Offer(best, start + characterLength, start, _model.UnknownId, here + _lowest - UnknownPenalty);
            }
        }

        List<(int Id, Range Range)> pieces = [];
        for (int end = text.Length; end > 0; end = best[end].Start)
        {
            pieces.Add((best[end].Id, best[end].Start..end));
        }

        pieces.Reverse();
        return pieces;
    }

    // A symbol that its user defined always wins.
    private float Score(int id, ReadOnlySpan<char> piece) => _model.Pieces[id].Type == SentencePieceType.UserDefined
        ? (Encoding.UTF8.GetByteCount(piece) * _highest) - 0.1f
        : _model.Pieces[id].Score;

    private static void Offer((float Score, int Start, int Id)[] best, int end, int start, int id, float score)
    {
        if (best[end].Start < 0 || score > best[end].Score)
        {
            best[end] = (score, start, id);
        }
    }
}
