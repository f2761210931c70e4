using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MLNetLlm.Models;

/// <summary>Values of a stored tensor that are read and put in their place at once.</summary>
/// <param name="Plan">How they go there.</param>
/// <param name="Begin">The first, counted in the order in which they are stored.</param>
/// <param name="Count">How many.</param>
internal sealed record FillPiece(FillPlan Plan, long Begin, int Count);

/// <summary>How a stored tensor goes into a parameter's memory, piece by piece.</summary>
internal sealed class FillPlan
{
    // A line of the cache holds the values of so many rows, and is written whole; of so many columns the lines stay in the cache.
    private const int RowsTogether = 16;
    private const int SquareSize = 8;
    private const int ColumnsTogether = 64;
    private const int ColumnsAhead = 16;

    private const byte LowPairs = 0x44;
    private const byte HighPairs = 0xEE;
    private const byte LowHalves = 0x20;
    private const byte HighHalves = 0x31;

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

    public bool IsStoredAsSingles => Entry.Type == "F32";

    /// <summary>The values of every piece, in the order in which they are stored; whole rows where they are to be transposed.</summary>
    public IEnumerable<FillPiece> Pieces()
    {
        for (long begin = 0; begin < total; begin += pieceValues)
        {
            yield return new FillPiece(this, begin, checked((int)Math.Min(pieceValues, total - begin)));
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
        ref var target = ref MemoryMarshal.GetReference(Target.Singles(left * allRows + firstRow, RowsTogether));
        Target.Singles((right - 1) * allRows + firstRow, RowsTogether);
        var column = left;
        if (Avx.IsSupported)
        {
            for (; column <= right - SquareSize; column += SquareSize)
            {
                ref var source = ref Unsafe.Add(ref first, column);
                ref var lines = ref Unsafe.Add(ref target, (nint)((column - left) * allRows));
                FetchLines(ref Unsafe.Add(ref lines, (nint)(ColumnsAhead * allRows)), (nint)allRows);
                PutSquare(ref source, columns, ref lines, (nint)allRows);
                PutSquare(ref Unsafe.Add(ref source, SquareSize * columns), columns, ref Unsafe.Add(ref lines, SquareSize), (nint)allRows);
            }
        }

        for (; column < right; column++)
        {
            ref var source = ref Unsafe.Add(ref first, column);
            ref var line = ref Unsafe.Add(ref target, (nint)((column - left) * allRows));
            for (var row = 0; row < RowsTogether; row++)
            {
                Unsafe.Add(ref line, row) = Unsafe.Add(ref source, row * columns);
            }
        }
    }

    // Before a line is written the processor reads it. It does not see by itself which lines follow: they are far apart. A line
    // behind the last column is not there, and is not fetched.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void FetchLines(ref float target, nint stride)
    {
        for (var column = 0; column < SquareSize; column++)
        {
            Sse.Prefetch0(Unsafe.AsPointer(ref Unsafe.Add(ref target, column * stride)));
        }
    }

    // Eight rows of eight values, in three steps that exchange neighbours, pairs and halves.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PutSquare(ref float source, nint sourceStride, ref float target, nint targetStride)
    {
        var r0 = Vector256.LoadUnsafe(ref source);
        var r1 = Vector256.LoadUnsafe(ref Unsafe.Add(ref source, sourceStride));
        var r2 = Vector256.LoadUnsafe(ref Unsafe.Add(ref source, 2 * sourceStride));
        var r3 = Vector256.LoadUnsafe(ref Unsafe.Add(ref source, 3 * sourceStride));
        var r4 = Vector256.LoadUnsafe(ref Unsafe.Add(ref source, 4 * sourceStride));
        var r5 = Vector256.LoadUnsafe(ref Unsafe.Add(ref source, 5 * sourceStride));
        var r6 = Vector256.LoadUnsafe(ref Unsafe.Add(ref source, 6 * sourceStride));
        var r7 = Vector256.LoadUnsafe(ref Unsafe.Add(ref source, 7 * sourceStride));
        var (a0, a1) = (Avx.UnpackLow(r0, r1), Avx.UnpackHigh(r0, r1));
        var (a2, a3) = (Avx.UnpackLow(r2, r3), Avx.UnpackHigh(r2, r3));
        var (a4, a5) = (Avx.UnpackLow(r4, r5), Avx.UnpackHigh(r4, r5));
        var (a6, a7) = (Avx.UnpackLow(r6, r7), Avx.UnpackHigh(r6, r7));
        var (b0, b1) = (Avx.Shuffle(a0, a2, LowPairs), Avx.Shuffle(a0, a2, HighPairs));
        var (b2, b3) = (Avx.Shuffle(a1, a3, LowPairs), Avx.Shuffle(a1, a3, HighPairs));
        var (b4, b5) = (Avx.Shuffle(a4, a6, LowPairs), Avx.Shuffle(a4, a6, HighPairs));
        var (b6, b7) = (Avx.Shuffle(a5, a7, LowPairs), Avx.Shuffle(a5, a7, HighPairs));
        Avx.Permute2x128(b0, b4, LowHalves).StoreUnsafe(ref target);
        Avx.Permute2x128(b1, b5, LowHalves).StoreUnsafe(ref Unsafe.Add(ref target, targetStride));
        Avx.Permute2x128(b2, b6, LowHalves).StoreUnsafe(ref Unsafe.Add(ref target, 2 * targetStride));
        Avx.Permute2x128(b3, b7, LowHalves).StoreUnsafe(ref Unsafe.Add(ref target, 3 * targetStride));
        Avx.Permute2x128(b0, b4, HighHalves).StoreUnsafe(ref Unsafe.Add(ref target, 4 * targetStride));
        Avx.Permute2x128(b1, b5, HighHalves).StoreUnsafe(ref Unsafe.Add(ref target, 5 * targetStride));
        Avx.Permute2x128(b2, b6, HighHalves).StoreUnsafe(ref Unsafe.Add(ref target, 6 * targetStride));
        Avx.Permute2x128(b3, b7, HighHalves).StoreUnsafe(ref Unsafe.Add(ref target, 7 * targetStride));
    }
}
