namespace MLNetLlm.Models;

/// <summary>The tokens that may be drawn, with their scores; memory for a whole vocabulary that is used again for each token.</summary>
internal sealed class CandidateSet(int vocabularySize)
{
    private readonly float[] logits = new float[vocabularySize];
    private readonly int[] ids = new int[vocabularySize];
    private readonly float[] weights = new float[vocabularySize];

    public int Count { get; private set; }

    /// <summary>Whether the candidates come likeliest first.</summary>
    public bool IsSorted { get; private set; }

    /// <summary>Scores of the candidates.</summary>
    public ReadOnlySpan<float> Logits => logits.AsSpan(0, Count);

    /// <summary>Room for a number for each candidate.</summary>
    public Span<float> Weights => weights.AsSpan(0, Count);

    // While all tokens are candidates, a token's place is its id.
    private bool IsWhole => Count == vocabularySize && !IsSorted;

    /// <summary>Takes all tokens, and gives their scores to be changed before candidates are left out.</summary>
    public Span<float> Fill(ReadOnlySpan<float> scores)
    {
        scores.CopyTo(logits);
        Count = vocabularySize;
        IsSorted = false;
        return logits;
    }

    public int IdAt(int place) => IsWhole ? place : ids[place];

    /// <summary>Keeps candidates with scores of at least this.</summary>
    public void KeepFrom(float lowest)
    {
        var isWhole = IsWhole;
        var kept = 0;
        for (var place = 0; place < Count; place++)
        {
            if (logits[place] >= lowest)
            {
                ids[kept] = isWhole ? place : ids[place];
                logits[kept++] = logits[place];
            }
        }

        Count = kept;
    }

    /// <summary>Keeps the first candidates of a sorted set.</summary>
    public void KeepFirst(int count) => Count = Math.Min(Count, count);

    /// <summary>Keeps the likeliest, sorted; of equal ones those of lower ids.</summary>
    public void KeepLikeliest(int count)
    {
        if (count >= Count)
        {
            Sort();
            return;
        }

        if (IsSorted)
        {
            KeepFirst(count);
            return;
        }

        var isWhole = IsWhole;
        var best = new PriorityQueue<int, (float Logit, int Order)>(count);
        for (var place = 0; place < count; place++)
        {
            best.Enqueue(place, (logits[place], -place));
        }

        var lowest = logits[best.Peek()];
        for (var place = count; place < Count; place++)
        {
            if (logits[place] > lowest)
            {
                best.DequeueEnqueue(place, (logits[place], -place));
                lowest = logits[best.Peek()];
            }
        }

        Span<(int Id, float Logit)> sorted = new (int, float)[count];
        for (var rank = count - 1; rank >= 0; rank--)
        {
            var place = best.Dequeue();
            sorted[rank] = (isWhole ? place : ids[place], logits[place]);
        }

        for (var rank = 0; rank < count; rank++)
        {
            (ids[rank], logits[rank]) = sorted[rank];
        }

        Count = count;
        IsSorted = true;
    }

    public void Sort()
    {
        if (IsSorted)
        {
            return;
        }

        if (IsWhole)
        {
            for (var id = 0; id < Count; id++)
            {
                ids[id] = id;
            }
        }

        logits.AsSpan(0, Count).Sort(ids.AsSpan(0, Count), static (left, right) => right.CompareTo(left));
        IsSorted = true;
    }
}
