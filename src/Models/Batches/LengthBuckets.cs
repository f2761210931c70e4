namespace MLNetLlm.Models;

/// <summary>Cuts rows of different lengths into batches of similar length, so that little is padded.</summary>
public static class LengthBuckets
{
    /// <summary>Plans batches.</summary>
    /// <param name="lengths">Length of each row.</param>
    /// <param name="maximumRows">Most rows in a batch, at least 1.</param>
    /// <param name="maximumTokens">Most tokens in a batch, padding counted; a longer single row is a batch of its own.</param>
    /// <returns>Row indices of each batch, shortest rows first; together every row once.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maximumRows"/> is below 1.</exception>
    public static IReadOnlyList<int[]> Plan(IReadOnlyList<int> lengths, int maximumRows, int maximumTokens)
    {
        ArgumentNullException.ThrowIfNull(lengths);
        ArgumentOutOfRangeException.ThrowIfLessThan(maximumRows, 1);
        var order = Enumerable.Range(0, lengths.Count).OrderBy(row => lengths[row]).ToArray();
        var batches = new List<int[]>();
        for (var start = 0; start < order.Length;)
        {
            var end = start + 1;
            while (end < order.Length && end - start < maximumRows && (long)lengths[order[end]] * (end - start + 1) <= maximumTokens)
            {
                end++;
            }

            batches.Add(order[start..end]);
            start = end;
        }

        return batches;
    }
}
