using System.Text;

namespace Microsoft.ML.Tokenizers;

/// <summary>One token of a piece, and the characters it covers; tokens that share a character each cover all of it.</summary>
internal readonly record struct TiktokenToken(int Id, int Index, int Length);

/// <summary>Encodes one pre-tokenized piece at a time: a piece that is a token stays whole, others are merged by rank.</summary>
internal sealed class TiktokenEncoder
{
    private readonly TiktokenVocabulary _vocabulary;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>>? _specialTokens;
    private readonly PieceCache<TiktokenToken[]> _cache;

    public TiktokenEncoder(TiktokenVocabulary vocabulary, IReadOnlyDictionary<string, int>? specialTokens, int cacheSize)
    {
        _vocabulary = vocabulary;
        _specialTokens = specialTokens is null
            ? null
            : new Dictionary<string, int>(specialTokens, StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
        if (cacheSize <= 0)
        {
            throw new ArgumentOutOfRangeException(nameof(cacheSize), "Cache size must be a positive number.");
        }

        _cache = new PieceCache<TiktokenToken[]>(cacheSize);
    }

    public TiktokenToken[] Encode(ReadOnlySpan<char> text)
    {
        if (_specialTokens is { } specialTokens && specialTokens.TryGetValue(text, out int specialId))
        {
            return [new TiktokenToken(specialId, 0, text.Length)];
        }

        if (!_cache.TryGet(text, out TiktokenToken[]? tokens))
        {
            tokens = Merge(text);
            _cache.Add(text, tokens);
        }

        return tokens!;
    }

    private TiktokenToken[] Merge(ReadOnlySpan<char> text)
    {
        string bytes = Transform(text, out int[] charIndices);
        Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> ranks = _vocabulary.Ranks;
        if (ranks.TryGetValue(bytes, out int whole))
        {
            return [new TiktokenToken(whole, 0, text.Length)];
        }

        int count = bytes.Length;
        int[] previous = new int[count];
        int[] end = new int[count];
        bool[] merged = new bool[count];
        PriorityQueue<int, (int Rank, int Start)> queue = new();
        for (int start = 0; start < count; start++)
        {
            previous[start] = start - 1;
            end[start] = start + 1;
        }

        for (int start = 0; start < count; start++)
        {
            Enqueue(start);
        }

        while (queue.TryDequeue(out int mergedEnd, out (int Rank, int Start) best))
        {
            int start = best.Start;
            int right = end[start];
            if (merged[start] || right >= count || end[right] != mergedEnd)
            {
                continue;
            }

            merged[right] = true;
            end[start] = mergedEnd;
            if (mergedEnd < count)
            {
                previous[mergedEnd] = start;
            }

            Enqueue(start);
            if (previous[start] >= 0)
            {
                Enqueue(previous[start]);
            }
        }

        List<TiktokenToken> tokens = [];
        for (int start = 0; start < count; start = end[start])
        {
            tokens.Add(Token(ranks[bytes.AsSpan(start..end[start])], start, end[start], charIndices));
        }

        return tokens.ToArray();

        void Enqueue(int start)
        {
            int right = end[start];
            if (right < count && _vocabulary.Ranks.TryGetValue(bytes.AsSpan(start..end[right]), out int rank))
            {
                queue.Enqueue(end[right], (rank, start));
            }
        }
    }

    private static TiktokenToken Token(int id, int start, int end, int[] charIndices)
    {
        int last = end;
        while (last < charIndices.Length - 1 && charIndices[last] == charIndices[end - 1])
        {
            last++;
        }

        return new TiktokenToken(id, charIndices[start], charIndices[last] - charIndices[start]);
    }

    private static string Transform(ReadOnlySpan<char> text, out int[] charIndices)
    {
        StringBuilder transformed = new(text.Length + 8);
        List<int> indices = new(text.Length + 8);
        Span<byte> bytes = stackalloc byte[4];
        for (int index = 0; index < text.Length; index++)
        {
            int count = Utf8.EncodeNext(text[index..], bytes);
            for (int i = 0; i < count; i++)
            {
                transformed.Append((char)bytes[i]);
                indices.Add(index);
            }

            index += count == 4 ? 1 : 0;
        }

        indices.Add(text.Length);
        charIndices = indices.ToArray();
        return transformed.ToString();
    }
}
