namespace MLNetLlm.Trainers;

/// <summary>Holds rows out for validation.</summary>
internal static class HoldOut
{
    /// <summary>Splits rows at random; at least one row trains.</summary>
    public static (IReadOnlyList<T> Training, IReadOnlyList<T> Validation) Split<T>(IReadOnlyList<T> rows, double fraction, Random random)
    {
        var heldOut = Math.Min((int)Math.Round(rows.Count * fraction), Math.Max(0, rows.Count - 1));
        if (heldOut == 0)
        {
            return (rows, []);
        }

        var order = Enumerable.Range(0, rows.Count).ToArray();
        random.Shuffle(order);
        return (order[heldOut..].Order().Select(row => rows[row]).ToList(), order[..heldOut].Order().Select(row => rows[row]).ToList());
    }

    /// <summary>Splits rows at random within each class, so that both parts have the classes in the same shares.</summary>
    public static (IReadOnlyList<T> Training, IReadOnlyList<T> Validation) Stratified<T>(
        IReadOnlyList<T> rows, Func<T, int> classOf, double fraction, Random random)
    {
        var parts = rows.GroupBy(classOf).OrderBy(group => group.Key).Select(group => Split(group.ToList(), fraction, random)).ToList();
        return (parts.SelectMany(part => part.Training).ToList(), parts.SelectMany(part => part.Validation).ToList());
    }
}
