using System.Collections.Immutable;

namespace Microsoft.ML.Data;

/// <summary>Vectors of a primitive item type; a dimension of 0 means that its size differs from row to row.</summary>
public sealed class VectorDataViewType : StructuredDataViewType
{
    public PrimitiveDataViewType ItemType { get; }
    public ImmutableArray<int> Dimensions { get; }
    public int Size { get; }
    public bool IsKnownSize => Size > 0;

    public VectorDataViewType(PrimitiveDataViewType itemType, int size = 0) : this(itemType, nameof(size), [size])
    {
    }

    public VectorDataViewType(PrimitiveDataViewType itemType, params int[] dimensions)
        : this(itemType, nameof(dimensions), dimensions is null ? [] : [.. dimensions])
    {
    }

    public VectorDataViewType(PrimitiveDataViewType itemType, ImmutableArray<int> dimensions)
        : this(itemType, nameof(dimensions), dimensions)
    {
    }

    private VectorDataViewType(PrimitiveDataViewType itemType, string parameter, ImmutableArray<int> dimensions)
        : base(typeof(VBuffer<>).MakeGenericType((itemType ?? throw new ArgumentNullException(nameof(itemType))).RawType))
    {
        if (dimensions.Length == 0 || dimensions.Any(size => size < 0))
            throw new ArgumentOutOfRangeException(parameter);
        ItemType = itemType;
        Dimensions = dimensions;
        Size = dimensions.Aggregate(1, (product, size) => checked(product * size));
    }

    public override bool Equals(DataViewType other) =>
        other is VectorDataViewType vector && vector.ItemType.Equals(ItemType) && vector.Dimensions.AsSpan().SequenceEqual(Dimensions.AsSpan());

    public override bool Equals(object other) => Equals(other as DataViewType);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.Add(ItemType);
        foreach (int size in Dimensions)
            hash.Add(size);
        return hash.ToHashCode();
    }

    public override string ToString()
    {
        IEnumerable<string> sizes = Dimensions.Length == 1
            ? Size > 0 ? [Size.ToString()] : []
            : Dimensions.Select(size => size > 0 ? size.ToString() : "*");
        return "Vector<" + string.Join(", ", sizes.Prepend(ItemType.ToString())) + ">";
    }
}
