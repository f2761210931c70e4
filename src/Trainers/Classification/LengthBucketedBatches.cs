namespace MLNetLlm.Trainers;

/// <summary>
/// Shuffled batches of rows of similar length: rows are shuffled, sorted by length within pools of many batches, cut into
/// batches, and the batches shuffled. Little is padded, and batches still differ from epoch to epoch.
/// </summary>
internal static class LengthBucketedBatches
{
    private const int BatchesPerPool = 8;

    public static IReadOnlyList<int[]> Plan(IReadOnlyList<int> lengths, int batchSize, Random random)
    {
        var order = Enumerable.Range(0, lengths.Count).ToArray();
        random.Shuffle(order);
        var batches = order.Chunk(batchSize * BatchesPerPool)
            .SelectMany(pool => pool.OrderBy(row => lengths[row]).Chunk(batchSize))
            .ToArray();
        random.Shuffle(batches);
        return batches;
    }
}
