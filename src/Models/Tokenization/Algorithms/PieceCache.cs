namespace MLNetLlm.Models;

/// <summary>
/// The ids of pieces seen lately. Each piece has a pair of places, of which a new piece takes the first and pushes the one
/// there to the second: bounded memory and no locks, because an entry is written whole and never changed.
/// </summary>
internal sealed class PieceCache
{
    private const int Places = 1 << 16;
    private const int LongestPiece = 64;

    private readonly Entry?[] _entries = new Entry?[Places];

    public static bool Takes(ReadOnlySpan<char> piece) => piece.Length <= LongestPiece;

    public bool TryGet(ReadOnlySpan<char> piece, out int[] ids)
    {
        int place = PlaceOf(piece);
        Entry? entry = Find(piece, place) ?? Find(piece, place + 1);
        ids = entry?.Ids ?? [];
        return entry is not null;
    }

    public void Add(ReadOnlySpan<char> piece, int[] ids)
    {
        int place = PlaceOf(piece);
        Volatile.Write(ref _entries[place + 1], Volatile.Read(ref _entries[place]));
        Volatile.Write(ref _entries[place], new Entry(piece.ToString(), ids));
    }

    private static int PlaceOf(ReadOnlySpan<char> piece) => string.GetHashCode(piece) & (Places - 2);

    private Entry? Find(ReadOnlySpan<char> piece, int place) =>
        Volatile.Read(ref _entries[place]) is Entry entry && piece.SequenceEqual(entry.Piece) ? entry : null;

    private sealed record Entry(string Piece, int[] Ids);
}
