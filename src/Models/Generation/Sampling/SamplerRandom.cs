namespace MLNetLlm.Models;

/// <summary>Random numbers of one sequence, so that neighbours do not matter.</summary>
internal sealed class SamplerRandom(long seed)
{
    private SplitMix64 bits = new((ulong)seed);

    /// <summary>At least 0 and below 1.</summary>
    public double NextDouble() => (bits.Next() >> 11) * (1.0 / (1UL << 53));
}
