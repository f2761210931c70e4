namespace MLNetLlm.Models;

/// <summary>
/// SplitMix64 (Steele, Lea, Flood 2014): one for each sequence, so that neighbours do not matter; its numbers are the same on
/// every platform and in every version, and those of neighbouring seeds have nothing in common.
/// </summary>
internal sealed class SamplerRandom(long seed)
{
    private ulong state = (ulong)seed;

    /// <summary>At least 0 and below 1.</summary>
    public double NextDouble()
    {
        state += 0x9E3779B97F4A7C15;
        var mixed = state;
        mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB;
        mixed ^= mixed >> 31;
        return (mixed >> 11) * (1.0 / (1UL << 53));
    }
}
