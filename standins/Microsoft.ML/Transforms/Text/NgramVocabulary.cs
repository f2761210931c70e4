namespace Microsoft.ML.Transforms.Text;

/// <summary>Sequences of keys, numbered in the order in which they were first seen.</summary>
internal sealed class NgramVocabulary
{
    private readonly Dictionary<uint[], int> _numbers = new(new SequenceComparer());
    private readonly Dictionary<uint[], int>.AlternateLookup<ReadOnlySpan<uint>> _lookup;
    private readonly List<uint[]> _all = [];
    private readonly int[] _counts;
    private readonly int[] _limits;

    /// <summary>At most limits[n - 1] sequences of length n.</summary>
    public NgramVocabulary(int[] limits)
    {
        _limits = limits;
        _counts = new int[limits.Length];
        _lookup = _numbers.GetAlternateLookup<ReadOnlySpan<uint>>();
    }

    public int LongestLength => _limits.Length;
    public IReadOnlyList<uint[]> All => _all;

    public int Find(ReadOnlySpan<uint> ngram) => _lookup.TryGetValue(ngram, out int number) ? number : -1;

    public int FindOrAdd(ReadOnlySpan<uint> ngram)
    {
        int number = Find(ngram);
        return number >= 0 || _counts[ngram.Length - 1] >= _limits[ngram.Length - 1] ? number : Add(ngram.ToArray());
    }

    public int Add(uint[] ngram)
    {
        _counts[ngram.Length - 1]++;
        _numbers.Add(ngram, _all.Count);
        _all.Add(ngram);
        return _all.Count - 1;
    }

    /// <summary>Visits the sequences that start at each key, shorter ones first, with up to <paramref name="skips"/> keys left out of each.</summary>
    public void Visit(ReadOnlySpan<uint> keys, int skips, NgramVisitor visit)
    {
        Span<uint> ngram = stackalloc uint[LongestLength];
        for (int start = 0; start < keys.Length; start++)
        {
            ngram[0] = keys[start];
            visit(ngram[..1]);
            Extend(keys[(start + 1)..], ngram, 1, skips, visit);
        }
    }

    private void Extend(ReadOnlySpan<uint> rest, Span<uint> ngram, int length, int skips, NgramVisitor visit)
    {
        if (length == LongestLength)
            return;
        for (int skipped = 0; skipped <= skips && skipped < rest.Length; skipped++)
        {
            ngram[length] = rest[skipped];
            visit(ngram[..(length + 1)]);
            Extend(rest[(skipped + 1)..], ngram, length + 1, skips - skipped, visit);
        }
    }

    private sealed class SequenceComparer : IEqualityComparer<uint[]>, IAlternateEqualityComparer<ReadOnlySpan<uint>, uint[]>
    {
        public bool Equals(uint[] first, uint[] second) => first.AsSpan().SequenceEqual(second);
        public bool Equals(ReadOnlySpan<uint> alternate, uint[] other) => alternate.SequenceEqual(other);
        public int GetHashCode(uint[] sequence) => GetHashCode(sequence.AsSpan());
        public uint[] Create(ReadOnlySpan<uint> alternate) => alternate.ToArray();

        public int GetHashCode(ReadOnlySpan<uint> sequence)
        {
            var hash = new HashCode();
            foreach (uint key in sequence)
                hash.Add(key);
            return hash.ToHashCode();
        }
    }
}

internal delegate void NgramVisitor(ReadOnlySpan<uint> ngram);
