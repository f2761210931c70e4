namespace MLNetLlm.Models;

/// <summary>
/// The ids of pieces seen lately. Each piece has one place, which the next piece of the same place takes over: bounded
/// memory and no locks, because an entry is written whole and never changed.
/// </summary>
internal sealed class PieceCache
{
    private const int Places = 1 << 15;
    private const int LongestPiece = 64;

    private readonly Entry?[] _entries = new Entry?[Places];

    public static bool Takes(ReadOnlySpan<char> piece) => piece.Length <= LongestPiece;

    public bool TryGet(ReadOnlySpan<char> piece, out int[] ids)
    {
        Entry? entry = Volatile.Read(ref _entries[PlaceOf(piece)]);
        bool found = entry is not null && piece.SequenceEqual(entry.Piece);
        ids = found ? entry!.Ids : [];
        return found;
    }

    public void Add(ReadOnlySpan<char> piece, int[] ids) =>
        Volatile.Write(ref _entries[PlaceOf(piece)], new Entry(piece.ToString(), ids));

    private static int PlaceOf(ReadOnlySpan<char> piece) => string.GetHashCode(piece) & (Places - 1);

    private sealed record Entry(string Piece, int[] Ids);
}
