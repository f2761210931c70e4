using System.Numerics;

namespace MLNetLlm.Trainers;

/// <summary>
/// A random order of the numbers below a count that needs no memory and can be asked at any place: a Feistel network over
/// the next power of four, walked until it lands below the count (Black and Rogaway 2002).
/// </summary>
internal sealed class ShuffledOrder
{
    private const int Rounds = 6;

    private readonly long count;
    private readonly ulong key;
    private readonly int halfBits;
    private readonly ulong halfMask;

    public ShuffledOrder(long count, ulong key)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        this.count = count;
        this.key = key;
        halfBits = Math.Max(1, (65 - BitOperations.LeadingZeroCount((ulong)Math.Max(1, count - 1))) / 2);
        halfMask = (1UL << halfBits) - 1;
    }

    /// <summary>The number at a place of the order.</summary>
    public long this[long place]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(place);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(place, count);
            var number = (ulong)place;
            do
            {
                number = Permute(number);
            }
            while (number >= (ulong)count);
            return (long)number;
        }
    }

    private ulong Permute(ulong number)
    {
        var (left, right) = (number >> halfBits, number & halfMask);
        for (var round = 0; round < Rounds; round++)
        {
            (left, right) = (right, left ^ (Randomness.Mix(key + (ulong)round, (long)right) & halfMask));
        }

        return (left << halfBits) | right;
    }
}
