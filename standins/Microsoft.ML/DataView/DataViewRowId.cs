using System.Numerics;

namespace Microsoft.ML.Data;

/// <summary>A 128-bit row identifier. Derived identifiers are mixed with the rounds of Murmur3, so they collide only by chance.</summary>
public readonly struct DataViewRowId : IComparable<DataViewRowId>, IEquatable<DataViewRowId>
{
    private const ulong FirstFactor = 0x87c37b91114253d5;
    private const ulong SecondFactor = 0x4cf5ad432745937f;

    public readonly ulong Low;
    public readonly ulong High;

    public DataViewRowId(ulong low, ulong high)
    {
        Low = low;
        High = high;
    }

    public DataViewRowId Next() => Mix(0, 0);

    public DataViewRowId Fork() => Mix(1, 0);

    public DataViewRowId Combine(DataViewRowId other)
    {
        other = other.Fork();
        return Mix(other.Low, other.High);
    }

    private DataViewRowId Mix(ulong low, ulong high)
    {
        ulong first = Low ^ BitOperations.RotateLeft(low * FirstFactor, 31) * SecondFactor;
        first = (BitOperations.RotateLeft(first, 27) + High) * 5 + 0x52dce729;
        ulong second = High ^ BitOperations.RotateLeft(high * SecondFactor, 33) * FirstFactor;
        second = (BitOperations.RotateLeft(second, 31) + first) * 5 + 0x38495ab5;
        return new DataViewRowId(first, second);
    }

    public int CompareTo(DataViewRowId other)
    {
        int order = High.CompareTo(other.High);
        return order != 0 ? order : Low.CompareTo(other.Low);
    }

    public bool Equals(DataViewRowId other) => Low == other.Low && High == other.High;
    public override bool Equals(object obj) => obj is DataViewRowId other && Equals(other);
    public override int GetHashCode() => HashCode.Combine(Low, High);
    public override string ToString() => $"{High:x16}{Low:x16}";
}
