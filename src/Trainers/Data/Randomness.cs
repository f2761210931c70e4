namespace MLNetLlm.Trainers;

/// <summary>Random numbers that are a function of seeds and counters alone, so that a run can be taken up anywhere.</summary>
internal static class Randomness
{
    /// <summary>A generator for one purpose in one epoch of a run.</summary>
    public static Random Of(int seed, int epoch, int purpose) => new((int)(Mix(Mix(seed, epoch), purpose) & 0x7fffffff));

    public static ulong Mix(long first, long second) => Mix((ulong)first, second);

    // The finalizer of SplitMix64 (Steele, Lea, Flood 2014) over a Weyl sequence.
    public static ulong Mix(ulong first, long second)
    {
        var value = first + 0x9e3779b97f4a7c15 * ((ulong)second + 1);
        value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
        value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
        return value ^ (value >> 31);
    }
}
