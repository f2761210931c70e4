using System.Collections;

namespace Microsoft.ML.Data;

/// <summary>A vector value: dense, or sparse with increasing indices of the values that are not the default.</summary>
public readonly struct VBuffer<T> : IEnumerable
{
    private readonly T[] _values;
    private readonly int[] _indices;
    private readonly int _count;

    public readonly int Length;

    public VBuffer(int length, T[] values, int[] indices = null)
    {
        Require(length >= 0, nameof(length));
        Require((values?.Length ?? 0) >= length, nameof(values));
        Length = _count = length;
        _values = values;
        _indices = indices;
    }

    public VBuffer(int length, int count, T[] values, int[] indices)
    {
        Require(length >= 0, nameof(length));
        Require(count >= 0 && count <= length, nameof(count));
        Require((values?.Length ?? 0) >= count, nameof(values));
        Require(count == length || (indices?.Length ?? 0) >= count, nameof(indices));
        Length = length;
        _count = count;
        _values = values;
        _indices = indices;
    }

    public bool IsDense => _count == Length;

    public ReadOnlySpan<T> GetValues() => _values.AsSpan(0, _count);

    public ReadOnlySpan<int> GetIndices() => IsDense ? default : _indices.AsSpan(0, _count);

    public void CopyToDense(ref VBuffer<T> destination)
    {
        VBufferEditor<T> editor = VBufferEditor.Create(ref destination, Length);
        CopyTo(editor.Values);
        destination = editor.Commit();
    }

    public void CopyTo(ref VBuffer<T> destination) => CopyTo(ref destination, 0, Length);

    public void CopyTo(ref VBuffer<T> destination, int sourceIndex, int length)
    {
        Require(sourceIndex >= 0 && sourceIndex <= Length, nameof(sourceIndex));
        Require(length >= 0 && sourceIndex <= Length - length, nameof(length));
        int first = IsDense ? sourceIndex : FirstAtOrAfter(sourceIndex);
        int count = (IsDense ? sourceIndex + length : FirstAtOrAfter(sourceIndex + length)) - first;
        VBufferEditor<T> editor = VBufferEditor.Create(ref destination, length, count);
        _values.AsSpan(first, count).CopyTo(editor.Values);
        for (int i = 0; i < editor.Indices.Length; i++)
            editor.Indices[i] = _indices[first + i] - sourceIndex;
        destination = editor.Commit();
    }

    public void CopyTo(Span<T> destination) => CopyTo(destination, 0);

    public void CopyTo(Span<T> destination, int destinationIndex, T defaultValue = default)
    {
        Require(destinationIndex >= 0 && destinationIndex <= destination.Length - Length, nameof(destinationIndex));
        Span<T> target = destination.Slice(destinationIndex, Length);
        if (IsDense)
        {
            GetValues().CopyTo(target);
            return;
        }
        target.Fill(defaultValue);
        for (int i = 0; i < _count; i++)
            target[_indices[i]] = _values[i];
    }

    public static void Copy(T[] source, int sourceIndex, ref VBuffer<T> destination, int length)
    {
        Require(length >= 0 && length <= (source?.Length ?? 0), nameof(length));
        Require(sourceIndex >= 0 && sourceIndex <= (source?.Length ?? 0) - length, nameof(sourceIndex));
        VBufferEditor<T> editor = VBufferEditor.Create(ref destination, length);
        source.AsSpan(sourceIndex, length).CopyTo(editor.Values);
        destination = editor.Commit();
    }

    public IEnumerable<KeyValuePair<int, T>> Items(bool all = false) => all || IsDense ? AllItems() : StoredItems();

    public IEnumerable<T> DenseValues() => AllItems().Select(item => item.Value);

    public IEnumerator GetEnumerator() => DenseValues().GetEnumerator();

    public T GetItemOrDefault(int index)
    {
        Require(index >= 0 && index < Length, nameof(index));
        if (IsDense)
            return _values[index];
        int position = Array.BinarySearch(_indices, 0, _count, index);
        return position >= 0 ? _values[position] : default;
    }

    public void GetItemOrDefault(int index, ref T destination) => destination = GetItemOrDefault(index);

    public override string ToString() => IsDense ? $"Dense vector of size {Length}" : $"Sparse vector of size {Length}, {_count} explicit values";

    internal VBufferEditor<T> Edit() => Edit(Length, _count, null, false, false);

    internal VBufferEditor<T> Edit(int newLogicalLength, int? valuesCount, int? maxValuesCapacity, bool keepOldOnResize, bool requireIndicesOnDense)
    {
        Require(newLogicalLength >= 0, nameof(newLogicalLength));
        Require(valuesCount is null || valuesCount.Value <= newLogicalLength, nameof(valuesCount));
        int count = valuesCount ?? newLogicalLength;
        int capacity = maxValuesCapacity ?? newLogicalLength;
        T[] values = _values;
        bool newValues = EnsureSize(ref values, count, capacity, keepOldOnResize);
        int[] indices = _indices;
        bool newIndices = (count < newLogicalLength || requireIndicesOnDense) && EnsureSize(ref indices, count, capacity, keepOldOnResize);
        return new VBufferEditor<T>(newLogicalLength, count, values, indices, requireIndicesOnDense, newValues, newIndices);
    }

    private static bool EnsureSize<TItem>(ref TItem[] array, int minimum, int maximum, bool keepOld)
    {
        if (minimum <= (array?.Length ?? 0))
            return false;
        int size = (int)Math.Min(Math.Max(2L * (array?.Length ?? 0), minimum), Math.Max(minimum, maximum));
        if (keepOld)
            Array.Resize(ref array, size);
        else
            array = new TItem[size];
        return true;
    }

    private int FirstAtOrAfter(int index)
    {
        int position = _count == 0 ? 0 : Array.BinarySearch(_indices, 0, _count, index);
        return position >= 0 ? position : ~position;
    }

    private IEnumerable<KeyValuePair<int, T>> AllItems()
    {
        for (int index = 0, stored = 0; index < Length; index++)
        {
            bool isStored = IsDense || (stored < _count && _indices[stored] == index);
            yield return new KeyValuePair<int, T>(index, isStored ? _values[stored++] : default);
        }
    }

    private IEnumerable<KeyValuePair<int, T>> StoredItems()
    {
        for (int i = 0; i < _count; i++)
            yield return new KeyValuePair<int, T>(_indices[i], _values[i]);
    }

    private static void Require(bool condition, string parameter)
    {
        if (!condition)
            throw new ArgumentOutOfRangeException(parameter);
    }
}
