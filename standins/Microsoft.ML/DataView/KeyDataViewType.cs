namespace Microsoft.ML.Data;

/// <summary>Identifiers 1..Count in an unsigned integer; 0 is the missing value.</summary>
public sealed class KeyDataViewType : PrimitiveDataViewType
{
    public ulong Count { get; }

    public KeyDataViewType(Type type, ulong count) : base(type)
    {
        if (count == 0 || !IsValidDataType(type) || count > MaximumCount(type))
            throw new ArgumentOutOfRangeException(nameof(count), "The cardinality of a " + nameof(KeyDataViewType) +
                " must not exceed " + (type is null || !IsValidDataType(type) ? 0 : MaximumCount(type)) + " and must be strictly positive but got " + count + ".");
        Count = count;
    }

    public KeyDataViewType(Type type, int count) : this(type, checked((ulong)Positive(count)))
    {
    }

    private static int Positive(int count) => count > 0 ? count : throw new ArgumentOutOfRangeException(nameof(count),
        "The cardinality of a " + nameof(KeyDataViewType) + " must be strictly positive.");

    public static bool IsValidDataType(Type type) =>
        type == typeof(uint) || type == typeof(ulong) || type == typeof(ushort) || type == typeof(byte);

    private static ulong MaximumCount(Type type) =>
        type == typeof(byte) ? byte.MaxValue : type == typeof(ushort) ? ushort.MaxValue : type == typeof(uint) ? uint.MaxValue : ulong.MaxValue;

    public override bool Equals(DataViewType other) =>
        other is KeyDataViewType key && key.RawType == RawType && key.Count == Count;

    public override bool Equals(object other) => Equals(other as DataViewType);
    public override int GetHashCode() => HashCode.Combine(RawType, Count);
    public override string ToString() => $"Key<{RawType.Name}, 0-{Count - 1}>";
}
