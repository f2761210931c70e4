using System.Runtime.InteropServices;
using System.Text;

namespace MLNetLlm.Models;

/// <summary>
/// How often each pair of neighbouring tokens occurs in the counted pieces, kept up to date while pairs are merged: a
/// merge touches only the pieces that hold the pair.
/// </summary>
internal sealed class PairCounts
{
    private readonly List<int>[] _pieces;
    private readonly long[] _frequencies;
    private readonly Dictionary<(int Left, int Right), long> _counts = [];
    private readonly Dictionary<(int Left, int Right), HashSet<int>> _piecesOfPair = [];

    // Holds a pair once for each count that it has had; only an entry with the present count is true.
    private readonly PriorityQueue<(int Left, int Right), (long NegativeCount, int Left, int Right)> _queue = new();
    private readonly HashSet<(int Left, int Right)> _changed = [];

    public PairCounts(IReadOnlyDictionary<string, long> pieces, IReadOnlyDictionary<string, int> vocabulary)
    {
        int[] idOfByte = new int[256];
        for (int value = 0; value < 256; value++)
        {
            idOfByte[value] = vocabulary[ByteAlphabet.Spell((byte)value)];
        }

        _frequencies = [.. pieces.Values];
        _pieces = new List<int>[pieces.Count];
        int index = 0;
        foreach (string piece in pieces.Keys)
        {
            _pieces[index] = Encoding.UTF8.GetBytes(piece).Select(value => idOfByte[value]).ToList();
            for (int i = 0; i + 1 < _pieces[index].Count; i++)
            {
                Add((_pieces[index][i], _pieces[index][i + 1]), _frequencies[index], index);
            }

            index++;
        }

        EnqueueChanged();
    }

    /// <summary>The most frequent pair, taken out; false when none occurs often enough.</summary>
    public bool TryTakeBest(long minimumFrequency, out (int Left, int Right) pair)
    {
        while (_queue.TryDequeue(out pair, out (long NegativeCount, int, int) priority))
        {
            long count = -priority.NegativeCount;
            if (_counts.GetValueOrDefault(pair) == count)
            {
                return count >= minimumFrequency;
            }
        }

        return false;
    }

    /// <summary>Replaces the pair by a token everywhere, from the left within each piece.</summary>
    public void Merge((int Left, int Right) pair, int id)
    {
        if (!_piecesOfPair.Remove(pair, out HashSet<int>? pieces))
        {
            return;
        }

        foreach (int index in pieces)
        {
            Merge(pair, id, index);
        }

        // Whatever the updates around it made of the pair's own count: no place is left where it occurs.
        _counts.Remove(pair);
        _piecesOfPair.Remove(pair);
        _changed.Remove(pair);
        EnqueueChanged();
    }

    private void Merge((int Left, int Right) pair, int id, int index)
    {
        List<int> piece = _pieces[index];
        long frequency = _frequencies[index];
        int written = 0;
        for (int read = 0; read < piece.Count; read++)
        {
            if (piece[read] != pair.Left || read + 1 == piece.Count || piece[read + 1] != pair.Right)
            {
                piece[written++] = piece[read];
                continue;
            }

            if (written > 0)
            {
                Add((piece[written - 1], pair.Left), -frequency, index);
                Add((piece[written - 1], id), frequency, index);
            }

            read++;
            if (read + 1 < piece.Count)
            {
                Add((pair.Right, piece[read + 1]), -frequency, index);
                Add((id, piece[read + 1]), frequency, index);
            }

            piece[written++] = id;
        }

        piece.RemoveRange(written, piece.Count - written);
    }

    private void Add((int Left, int Right) pair, long frequency, int index)
    {
        CollectionsMarshal.GetValueRefOrAddDefault(_counts, pair, out _) += frequency;
        _changed.Add(pair);
        if (frequency > 0)
        {
            ref HashSet<int>? pieces = ref CollectionsMarshal.GetValueRefOrAddDefault(_piecesOfPair, pair, out _);
            (pieces ??= []).Add(index);
        }
    }

    private void EnqueueChanged()
    {
        foreach ((int Left, int Right) pair in _changed)
        {
            long count = _counts[pair];
            if (count > 0)
            {
                _queue.Enqueue(pair, (-count, pair.Left, pair.Right));
            }
            else
            {
                _counts.Remove(pair);
                _piecesOfPair.Remove(pair);
            }
        }

        _changed.Clear();
    }
}
