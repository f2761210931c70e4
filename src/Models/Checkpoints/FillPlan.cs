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
            var rows = Math.Max(RowsTogether, pieceValues / entry.Shape[1] / RowsTogether * RowsTogether);
            this.pieceValues = rows * entry.Shape[1];
        }
        else
        {
            this.pieceValues = pieceValues;
        }

        PieceCount = (total + this.pieceValues - 1) / this.pieceValues;
    }

    public SafetensorsEntry Entry { get; }

    public TensorMemory Target { get; }

    public bool IsTransposed { get; }

    public int StoredSize { get; }

    public long PieceCount { get; }

    public bool TakesBytesAsTheyAre => !IsTransposed && Entry.Type == "F32";

    /// <summary>The values of a piece, in the order in which they are stored; whole rows where they are to be transposed.</summary>
    public (long Begin, int Count) Piece(long index)
    {
        var begin = index * pieceValues;
        return (begin, checked((int)Math.Min(pieceValues, total - begin)));
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

    private void PutRows(ReadOnlySpan<float> values, int columns, int left, int right, long allRows, long firstRow)
    {
        for (var column = left; column < right; column++)
        {
            var line = Target.Singles(column * allRows + firstRow, RowsTogether);
            line[7] = values[7 * columns + column];
            line[6] = values[6 * columns + column];
            line[5] = values[5 * columns + column];
            line[4] = values[4 * columns + column];
            line[3] = values[3 * columns + column];
            line[2] = values[2 * columns + column];
            line[1] = values[columns + column];
            line[0] = values[column];
        }
    }
}
