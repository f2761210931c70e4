namespace Microsoft.ML.Data;

/// <summary>Rewrites a buffer in place, reusing its arrays where they are large enough.</summary>
public static class VBufferEditor
{
    public static VBufferEditor<T> CreateFromBuffer<T>(scoped ref VBuffer<T> destination) => destination.Edit();

    public static VBufferEditor<T> Create<T>(scoped ref VBuffer<T> destination, int newLogicalLength, int? valuesCount = null,
        int? maxValuesCapacity = null, bool keepOldOnResize = false, bool requireIndicesOnDense = false) =>
        destination.Edit(newLogicalLength, valuesCount, maxValuesCapacity, keepOldOnResize, requireIndicesOnDense);
}

public readonly ref struct VBufferEditor<T>
{
    private readonly int _logicalLength;
    private readonly T[] _values;
    private readonly int[] _indices;

    public readonly Span<T> Values;
    public readonly Span<int> Indices;

    public bool CreatedNewValues { get; }
    public bool CreatedNewIndices { get; }

    internal VBufferEditor(int logicalLength, int valuesCount, T[] values, int[] indices, bool requireIndicesOnDense, bool newValues, bool newIndices)
    {
        _logicalLength = logicalLength;
        _values = values;
        _indices = indices;
        Values = values.AsSpan(0, valuesCount);
        Indices = valuesCount < logicalLength || requireIndicesOnDense ? indices.AsSpan(0, valuesCount) : default;
        CreatedNewValues = newValues;
        CreatedNewIndices = newIndices;
    }

    public VBuffer<T> Commit() => new(_logicalLength, Values.Length, _values, _indices);

    public VBuffer<T> CommitTruncated(int physicalValuesCount)
    {
        if (physicalValuesCount > Values.Length)
            throw new ArgumentOutOfRangeException(nameof(physicalValuesCount), $"Updating {nameof(physicalValuesCount)} during {nameof(CommitTruncated)} " +
                $"cannot be greater than the original {nameof(physicalValuesCount)} value used in {nameof(VBufferEditor.Create)}.");
        return new VBuffer<T>(_logicalLength, physicalValuesCount, _values, _indices);
    }
}
