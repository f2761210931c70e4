using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace MLNetLlm.Models;

/// <summary>How a stored tensor goes into a parameter's memory, piece by piece.</summary>
internal sealed class FillPlan
{
    // Rows whose values a transposition reads side by side, and columns whose target lines stay in the first-level cache.
    private const int RowsTogether = 8;
    private const int ColumnsTogether = 64;

    private readonly long total;
    private readonly long pieceValues;

    /// <param name="entry">What is stored.</param>
    /// <param name="target">As many 32-bit numbers.</param>
    /// <param name="isTransposed">Whether the target is [columns, rows] of a stored [rows, columns].</param>
    /// <param name="pieceValues">About how many values a piece has.</param>
    public FillPlan(SafetensorsEntry entry, TensorMemory target, bool isTransposed, int pieceValues)
    {
        Entry = entry;
        Target = target;
        IsTransposed = isTransposed;
        total = target.Length / sizeof(float);
        StoredSize = SafetensorsTypes.BitsOf(entry.Type)!.Value / 8;
        if (isTransposed)
        {
            var rows = Math.Max(RowsTogether, pieceValues / Math.Max(entry.Shape[1], 1) / RowsTogether * RowsTogether);
            this.pieceValues = rows * entry.Shape[1];
        }
        else
        {
            this.pieceValues = pieceValues;
        }
    }

    public SafetensorsEntry Entry { get; }

    public TensorMemory Target { get; }

    public bool IsTransposed { get; }

    public int StoredSize { get; }

    public bool TakesBytesAsTheyAre => !IsTransposed && Entry.Type == "F32";

    /// <summary>The values of every piece, in the order in which they are stored; whole rows where they are to be transposed.</summary>
    public IEnumerable<(long Begin, int Count)> Pieces()
    {
        for (long begin = 0; begin < total; begin += pieceValues)
        {
            yield return (begin, checked((int)Math.Min(pieceValues, total - begin)));
        }
    }

    /// <summary>Puts whole rows where they belong: value [r, c] goes to [c, r].</summary>
    public void PutTransposed(long begin, ReadOnlySpan<float> values)
    {
        var columns = checked((int)Entry.Shape[1]);
        var allRows = Entry.Shape[0];
        var firstRow = begin / columns;
        var rows = values.Length / columns;
        for (var left = 0; left < columns; left += ColumnsTogether)
        {
            var right = Math.Min(left + ColumnsTogether, columns);
            var row = 0;
            for (; row <= rows - RowsTogether; row += RowsTogether)
            {
                PutRows(values.Slice(row * columns, RowsTogether * columns), columns, left, right, allRows, firstRow + row);
            }

            for (; row < rows; row++)
            {
                for (var column = left; column < right; column++)
                {
                    Target.Singles(column * allRows + firstRow + row, 1)[0] = values[row * columns + column];
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void PutRows(ReadOnlySpan<float> values, int columns, int left, int right, long allRows, long firstRow)
    {
        // The slices check the ends once; a check of every value would cost more than moving it.
        ref var first = ref MemoryMarshal.GetReference(values[..(RowsTogether * columns)]);
        for (var column = left; column < right; column++)
        {
            ref var source = ref Unsafe.Add(ref first, column);
            ref var line = ref MemoryMarshal.GetReference(Target.Singles(column * allRows + firstRow, RowsTogether));
            var low = Vector128.Create(
                source, Unsafe.Add(ref source, columns), Unsafe.Add(ref source, 2 * columns), Unsafe.Add(ref source, 3 * columns));
            var high = Vector128.Create(
                Unsafe.Add(ref source, 4 * columns), Unsafe.Add(ref source, 5 * columns), Unsafe.Add(ref source, 6 * columns),
                Unsafe.Add(ref source, 7 * columns));
            low.StoreUnsafe(ref line);
            high.StoreUnsafe(ref line, 4);
        }
    }
}
