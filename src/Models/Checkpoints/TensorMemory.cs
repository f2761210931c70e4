using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace MLNetLlm.Models;

/// <summary>
/// The memory of a contiguous tensor on the processor, in pieces of any place and size: a span over all of it ends at 2 GB.
/// Whoever uses it keeps the tensor alive.
/// </summary>
internal readonly unsafe struct TensorMemory
{
    private readonly byte* start;

    public TensorMemory(Tensor tensor)
    {
        if (!tensor.is_contiguous())
        {
            throw new ArgumentException("Only a contiguous tensor has its values in one piece of memory.", nameof(tensor));
        }

        Length = tensor.NumberOfElements * tensor.ElementSize;
        if (Length is > 0 and <= int.MaxValue)
        {
            start = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(tensor.bytes));
        }
        else if (Length > 0)
        {
            // A view of one element has a span, however large the tensor is.
            using var detached = tensor.detach();
            using var flat = detached.view(-1);
            using var first = flat.narrow(0, 0, 1);
            start = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(first.bytes));
        }
    }

    /// <summary>Number of bytes.</summary>
    public long Length { get; }

    /// <summary>Says that all of it is about to be written, perhaps for the first time.</summary>
    public void ExpectToBeFilled() => HugePages.Advise(start, Length);

    /// <summary>
    /// Has the system find and clear its pages, which is most of the work of writing to fresh memory; another thread may do so in
    /// advance. What the memory holds stays, even if it is being written meanwhile. (To ask the system for all pages at once would
    /// hold up every other thread that needs memory of its own.)
    /// </summary>
    public void Populate()
    {
        ExpectToBeFilled();
        for (long offset = 0; offset <= Length - sizeof(int); offset += Environment.SystemPageSize)
        {
            Interlocked.Or(ref *(int*)(start + offset), 0);
        }
    }

    public Span<byte> Bytes(long offset, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length - count);
        return new Span<byte>(start + offset, count);
    }

    /// <summary>The memory of a Float32 tensor.</summary>
    /// <param name="offset">First value.</param>
    /// <param name="count">Number of values.</param>
    public Span<float> Singles(long offset, int count) => MemoryMarshal.Cast<byte, float>(Bytes(offset * sizeof(float), count * sizeof(float)));

    /// <summary>Spans over all bytes in order, each at most <paramref name="maximum"/> long.</summary>
    public void ForEachPiece(int maximum, SpanAction action)
    {
        for (long offset = 0; offset < Length; offset += maximum)
        {
            action(Bytes(offset, (int)Math.Min(maximum, Length - offset)), offset);
        }
    }

    public delegate void SpanAction(Span<byte> bytes, long offset);
}
