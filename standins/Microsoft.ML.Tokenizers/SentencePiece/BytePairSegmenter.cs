namespace Microsoft.ML.Tokenizers;

/// <summary>Joins neighbours into the piece with the highest score, again and again; of equal scores the last in the text first.</summary>
internal sealed class BytePairSegmenter : ISentencePieceSegmenter
{
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _ids;
    private readonly SentencePieceModel _model;

    public BytePairSegmenter(SentencePieceModel model)
    {
        _model = model;
        Dictionary<string, int> ids = new(StringComparer.Ordinal);
        for (int id = 0; id < model.Pieces.Count; id++)
        {
            ids.Add(model.Pieces[id].Text, id);
        }

        _ids = ids.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public List<(int Id, Range Range)> Segment(ReadOnlySpan<char> text)
    {
        List<int> starts = [];
        for (int index = 0; index < text.Length; index++)
        {
            starts.Add(index);
            index += index + 1 < text.Length && char.IsSurrogatePair(text[index], text[index + 1]) ? 1 : 0;
        }

        int count = starts.Count;
        int[] ends = starts.Skip(1).Append(text.Length).ToArray();
        int[] previous = Enumerable.Range(-1, count).ToArray();
        int[] next = Enumerable.Range(1, count).ToArray();
        PriorityQueue<(int Left, int Right, int End), (float NegativeScore, int NegativeLeft)> candidates = new();
        for (int left = 0; left + 1 < count; left++)
        {
            Add(text, left);
        }

        while (candidates.TryDequeue(out (int Left, int Right, int End) best, out _))
        {
            bool stale = ends[best.Left] == 0 || next[best.Left] != best.Right || ends[best.Right] != best.End;
            if (stale)
            {
                continue;
            }

            ends[best.Left] = best.End;
            ends[best.Right] = 0;
            next[best.Left] = next[best.Right];
            if (next[best.Left] < count)
            {
                previous[next[best.Left]] = best.Left;
            }

            if (previous[best.Left] >= 0)
            {
                Add(text, previous[best.Left]);
            }

            Add(text, best.Left);
        }

        List<(int Id, Range Range)> pieces = [];
        for (int symbol = 0; symbol < count; symbol = next[symbol])
        {
            Range range = starts[symbol]..ends[symbol];
            pieces.Add((_ids.TryGetValue(text[range], out int id) ? id : _model.UnknownId, range));
        }

        return pieces;

        void Add(ReadOnlySpan<char> text, int left)
        {
            int right = next[left];
            if (right < count && _ids.TryGetValue(text[starts[left]..ends[right]], out int id))
            {
                candidates.Enqueue((left, right, ends[right]), (-_model.Pieces[id].Score, -left));
            }
        }
    }
}
