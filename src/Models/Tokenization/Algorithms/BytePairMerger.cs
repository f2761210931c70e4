using System.Runtime.InteropServices;

namespace MLNetLlm.Models;

/// <summary>
/// Ranked merges applied to a sequence of tokens, in time that grows as n log n with its length, with merges dropped at
/// random where that is asked for (BPE dropout).
/// </summary>
internal sealed class BytePairMerger
{
    private const int Absorbed = -1;

    private readonly Dictionary<(int Left, int Right), (int Rank, int Id)> _merges;

    public BytePairMerger(IReadOnlyDictionary<string, int> vocabulary, IReadOnlyList<TokenMerge> merges)
    {
        _merges = new(merges.Count);
        for (int rank = 0; rank < merges.Count; rank++)
        {
            TokenMerge merge = merges[rank];
            _merges.Add((vocabulary[merge.Left], vocabulary[merge.Right]), (rank, vocabulary[merge.Joined]));
        }
    }

    /// <summary>Merges the tokens from a place in a list to its end. Of the merges due, each is skipped with probability <paramref name="dropout"/>.</summary>
    /// <remarks>
    /// Provilkov, Emelianenko, Voita 2020: a skipped merge is a candidate again as soon as another merge was applied, and
    /// the piece is done when every candidate was skipped in a row. Best merge first; among equals the leftmost.
    /// </remarks>
    public void Merge(List<int> ids, int start, double dropout = 0, Random? random = null)
    {
        int count = ids.Count - start;
        int[] symbols = CollectionsMarshal.AsSpan(ids)[start..].ToArray();
        int[] previous = new int[count];
        int[] next = new int[count];
        for (int position = 0; position < count; position++)
        {
            previous[position] = position - 1;
            next[position] = position + 1 < count ? position + 1 : -1;
        }

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
                || merge.Rank != best.Rank;
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

        ids.RemoveRange(start, count);
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
