namespace MLNetLlm.Models;

/// <summary>
/// SplitMix64 (Steele, Lea, Flood 2014): its numbers are the same on every platform and in every version, and those of
/// neighbouring seeds have nothing in common.
/// </summary>
internal struct SplitMix64(ulong seed)
{
    private ulong state = seed;

    public ulong Next()
    {
        var mixed = state += 0x9E3779B97F4A7C15;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }
}
