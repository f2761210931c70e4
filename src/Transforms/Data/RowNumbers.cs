namespace MLNetLlm.Transforms;

/// <summary>Rows as messages name them.</summary>
internal static class RowNumbers
{
    private const int MaximumRowsNamed = 10;

    /// <summary>The first rows, counted from 0, and whether there are more.</summary>
    public static string Named(IReadOnlyList<int> rows) =>
        string.Join(", ", rows.Take(MaximumRowsNamed)) + (rows.Count > MaximumRowsNamed ? ", …" : "");
}
