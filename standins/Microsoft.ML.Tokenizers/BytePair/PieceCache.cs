using System.Collections.Concurrent;

namespace Microsoft.ML.Tokenizers;

/// <summary>Remembers short pieces up to a fixed number, so that memory stays flat however much text passes.</summary>
internal sealed class PieceCache<T>(int capacity)
    where T : class
{
    private const int LongestPiece = 15;
    private readonly ConcurrentDictionary<string, T> _pieces = new(StringComparer.Ordinal);
    private int _count;

    public bool TryGet(ReadOnlySpan<char> piece, out T? value) =>
        _pieces.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(piece, out value);

    public void Add(ReadOnlySpan<char> piece, T value)
    {
        if (piece.Length <= LongestPiece && Volatile.Read(ref _count) < capacity && _pieces.TryAdd(piece.ToString(), value))
        {
            Interlocked.Increment(ref _count);
        }
    }
}
