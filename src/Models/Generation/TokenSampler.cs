namespace MLNetLlm.Models;

/// <summary>Draws a token from the scores of one position.</summary>
internal sealed class TokenSampler(GenerationOptions options, Random random)
{
    public int Sample(ReadOnlySpan<float> logits)
    {
        if (options.Temperature == 0)
        {
            return Likeliest(logits);
        }

        var (ids, weights, sum) = Candidates(logits);
        var left = random.NextDouble() * sum;
        for (var i = 0; i < ids.Length; i++)
        {
            left -= weights[i];
            if (left < 0)
            {
                return ids[i];
            }
        }

        // Rounding may leave a little over.
        return ids[^1];
    }

    private static int Likeliest(ReadOnlySpan<float> logits)
    {
        var best = 0;
        for (var id = 1; id < logits.Length; id++)
        {
            best = logits[id] > logits[best] ? id : best;
        }

        return best;
    }

    // Ids with unnormalised probabilities, likeliest first where they had to be sorted.
    private (int[] Ids, double[] Weights, double Sum) Candidates(ReadOnlySpan<float> logits)
    {
        var ids = new int[logits.Length];
        var weights = new double[logits.Length];
        var highest = logits[Likeliest(logits)];
        for (var id = 0; id < ids.Length; id++)
        {
            ids[id] = id;
            weights[id] = Math.Exp((logits[id] - highest) / options.Temperature);
        }

        var count = ids.Length;
        if (options.TopK > 0 || options.TopP < 1)
        {
            Array.Sort(weights, ids, Descending);
            count = options.TopK > 0 ? Math.Min(options.TopK, count) : count;
            count = options.TopP < 1 ? Nucleus(weights.AsSpan(0, count)) : count;
        }

        return (ids[..count], weights[..count], weights.AsSpan(0, count).ToArray().Sum());
    }

    private static readonly Comparer<double> Descending = Comparer<double>.Create((left, right) => right.CompareTo(left));

    private int Nucleus(ReadOnlySpan<double> sorted)
    {
        double total = 0, reached = 0;
        foreach (var weight in sorted)
        {
            total += weight;
        }

        for (var count = 0; count < sorted.Length; count++)
        {
            reached += sorted[count];
            if (reached >= options.TopP * total)
            {
                return count + 1;
            }
        }

        return sorted.Length;
    }
}
