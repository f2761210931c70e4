namespace MLNetLlm.Trainers;

/// <summary>
/// Which rows of a data view are read: all, or those that train, or those that are held out. Rows are held out as they come
/// by, without knowing how many there are: of every stretch of 1 / fraction rows a random one. The first row always trains.
/// </summary>
internal sealed record RowSelection
{
    private readonly double fraction;
    private readonly int seed;
    private readonly bool heldOut;

    private RowSelection(double fraction, int seed, bool heldOut)
    {
        this.fraction = fraction;
        this.seed = seed;
        this.heldOut = heldOut;
    }

    public static RowSelection All { get; } = new(fraction: 0, seed: 0, heldOut: false);

    public static RowSelection Training(double fraction, int seed) => new(fraction, seed, heldOut: false);

    public static RowSelection HeldOut(double fraction, int seed) => new(fraction, seed, heldOut: true);

    public bool Includes(long row) => IsHeldOut(row) == heldOut;

    private bool IsHeldOut(long row)
    {
        if (fraction == 0 || row == 0)
        {
            return false;
        }

        var stretch = StretchOf(row);
        var first = FirstOf(stretch);
        var choice = first + (long)(Randomness.Mix(seed, stretch) % (ulong)(FirstOf(stretch + 1) - first));
        return row == Math.Max(1, choice);
    }

    private long StretchOf(long row) => (long)Math.Floor(row * fraction);

    private long FirstOf(long stretch)
    {
        var row = (long)Math.Ceiling(stretch / fraction);
        while (row > 0 && StretchOf(row - 1) >= stretch)
        {
            row--;
        }

        while (StretchOf(row) < stretch)
        {
            row++;
        }

        return row;
    }
}
