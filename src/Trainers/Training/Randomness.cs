namespace MLNetLlm.Trainers;

/// <summary>What random numbers are for: different purposes never share them.</summary>
internal enum RandomPurpose
{
    /// <summary>In which order the texts of a corpus are joined.</summary>
    TextOrder = 1,

    /// <summary>How texts are split into tokens.</summary>
    Split,

    /// <summary>Where a stream is cut into windows.</summary>
    WindowOffset,

    /// <summary>Which windows a batch holds.</summary>
    WindowOrder,

    /// <summary>Which rows a batch holds.</summary>
    BatchOrder,

    /// <summary>Which tokens are hidden.</summary>
    Masks,

    /// <summary>What the network drops in a step.</summary>
    Dropout,
}

/// <summary>Random numbers that are a function of seeds and counters alone, so that a run can be taken up anywhere.</summary>
internal static class Randomness
{
    /// <summary>A generator for one purpose in one epoch of a run.</summary>
    public static Random Of(int seed, int epoch, RandomPurpose purpose) => Of(Key(seed, epoch, purpose));

    public static Random Of(ulong key) => new((int)(key & int.MaxValue));

    /// <summary>A number that stands for one purpose at one place of a run.</summary>
    public static ulong Key(int seed, long place, RandomPurpose purpose) => Mix(Mix(seed, place), (long)purpose);

    public static ulong Mix(long first, long second) => Mix((ulong)first, second);

    // The finalizer of SplitMix64 (Steele, Lea, Flood 2014) over a Weyl sequence: neighbouring counters give unrelated numbers.
    public static ulong Mix(ulong first, long second)
    {
        var value = first + 0x9e3779b97f4a7c15 * ((ulong)second + 1);
        value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
        value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
        return value ^ (value >> 31);
    }
}
