namespace Microsoft.ML.Tokenizers;

/// <summary>A piece of text as token ids, with the number of characters (or bytes) that each covers.</summary>
internal sealed record EncodedPiece(int[] Ids, int[] Lengths);

/// <summary>The ranked merges of a vocabulary, applied lowest rank first and, within a rank, from the left.</summary>
internal sealed class MergeTable
{
    private readonly Dictionary<(int Left, int Right), (int Rank, int Id)> _merges = [];

    public void Add(int left, int right, int rank, int id) => _merges.Add((left, right), (rank, id));

    public EncodedPiece Apply(List<int> ids, List<int> lengths)
    {
        int count = ids.Count;
        int[] previous = new int[count];
        int[] next = new int[count];
        PriorityQueue<int, (int Rank, int Position)> queue = new();
        for (int position = 0; position < count; position++)
        {
            previous[position] = position - 1;
            next[position] = position + 1 < count ? position + 1 : -1;
            Enqueue(position);
        }

        while (queue.TryDequeue(out int newId, out (int Rank, int Position) best))
        {
            int position = best.Position;
            int right = next[position];
            bool stale = lengths[position] == 0
                || right < 0
                || !_merges.TryGetValue((ids[position], ids[right]), out (int Rank, int Id) merge)
                || merge.Id != newId;
            if (stale)
            {
                continue;
            }

            ids[position] = newId;
            lengths[position] += lengths[right];
            lengths[right] = 0;
            next[position] = next[right];
            if (next[right] >= 0)
            {
                previous[next[right]] = position;
            }

            if (previous[position] >= 0)
            {
                Enqueue(previous[position]);
            }

            Enqueue(position);
        }

        List<int> remaining = [];
        for (int position = 0; position < count; position++)
        {
            if (lengths[position] > 0)
            {
                remaining.Add(position);
            }
        }

        return new EncodedPiece(
            remaining.Select(position => ids[position]).ToArray(),
            remaining.Select(position => lengths[position]).ToArray());

        void Enqueue(int position)
        {
            if (next[position] >= 0 && _merges.TryGetValue((ids[position], ids[next[position]]), out (int Rank, int Id) merge))
            {
                queue.Enqueue(merge.Id, (merge.Rank, position));
            }
        }
    }
}
