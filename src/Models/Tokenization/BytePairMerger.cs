namespace MLNetLlm.Models;

/// <summary>
/// The ranked merges applied to one piece of text. Gives the ids that Microsoft.ML.Tokenizers gives, and two things that
/// it lacks: time that grows as n log n with the piece's length, and merges dropped at random (BPE dropout).
/// </summary>
internal sealed class BytePairMerger
{
    private readonly int[] _idOfByte = new int[256];
    private readonly Dictionary<(int Left, int Right), (int Rank, int Id)> _merges;

    public BytePairMerger(TokenizerDefinition definition)
    {
        for (int value = 0; value < 256; value++)
        {
            _idOfByte[value] = definition.Vocabulary[ByteAlphabet.Spell((byte)value)];
        }

        _merges = new(definition.Merges.Count);
        for (int rank = 0; rank < definition.Merges.Count; rank++)
        {
            TokenMerge merge = definition.Merges[rank];
            (int, int) pair = (definition.Vocabulary[merge.Left], definition.Vocabulary[merge.Right]);
            _merges.Add(pair, (rank, definition.Vocabulary[merge.Joined]));
        }
    }

    /// <summary>Appends the ids of a piece. Of the merges due, each is skipped with probability <paramref name="dropout"/>.</summary>
    /// <remarks>
    /// Provilkov, Emelianenko, Voita 2020: a skipped merge is a candidate again as soon as another merge was applied, and
    /// the piece is done when every candidate was skipped in a row. Best merge first; among equals the leftmost.
    /// </remarks>
    public void Append(ReadOnlySpan<byte> piece, List<int> ids, double dropout = 0, Random? random = null)
    {
        int count = piece.Length;
        int[] symbols = new int[count];
        int[] previous = new int[count];
        int[] next = new int[count];
        for (int position = 0; position < count; position++)
        {
            symbols[position] = _idOfByte[piece[position]];
            previous[position] = position - 1;
            next[position] = position + 1 < count ? position + 1 : -1;
        }

        const int Absorbed = -1;
        PriorityQueue<int, (int Rank, int Position)> candidates = new();
        List<(int Id, (int Rank, int Position) Priority)> skipped = [];
        for (int position = 0; position < count; position++)
        {
            AddCandidate(position);
        }

        while (candidates.TryDequeue(out int merged, out (int Rank, int Position) best))
        {
            int position = best.Position;
            int right = next[position];
            bool stale = symbols[position] == Absorbed
                || right < 0
                || !_merges.TryGetValue((symbols[position], symbols[right]), out (int Rank, int Id) merge)
                || merge.Id != merged;
            if (stale)
            {
                continue;
            }

            if (dropout > 0 && random!.NextDouble() < dropout)
            {
                skipped.Add((merged, best));
                continue;
            }

            candidates.EnqueueRange(skipped);
            skipped.Clear();

            symbols[position] = merged;
            symbols[right] = Absorbed;
            next[position] = next[right];
            if (next[right] >= 0)
            {
                previous[next[right]] = position;
            }

            AddCandidate(position);
            if (previous[position] >= 0)
            {
                AddCandidate(previous[position]);
            }
        }

        for (int position = 0; position >= 0 && position < count; position = next[position])
        {
            ids.Add(symbols[position]);
        }

        void AddCandidate(int position)
        {
            if (next[position] >= 0 && _merges.TryGetValue((symbols[position], symbols[next[position]]), out (int Rank, int Id) merge))
            {
                candidates.Enqueue(merge.Id, (merge.Rank, position));
            }
        }
    }
}
