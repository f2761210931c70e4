namespace Microsoft.ML.Tokenizers;

/// <summary>Encodes one pre-tokenized piece at a time for <see cref="BpeTokenizer"/>.</summary>
internal sealed class BpeEncoder
{
    private readonly BpeTokenizer _tokenizer;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _vocabulary;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>>? _specialTokens;
    private readonly BpeDecoder _decoder;
    private readonly int? _unknownId;
    private readonly MergeTable _merges = new();
    private readonly PieceCache<EncodedPiece> _cache = new(10_000);

    public BpeEncoder(BpeTokenizer tokenizer, Dictionary<string, int> vocabulary, IEnumerable<string> merges, BpeDecoder decoder)
    {
        _tokenizer = tokenizer;
        _vocabulary = vocabulary.GetAlternateLookup<ReadOnlySpan<char>>();
        _specialTokens = tokenizer.SpecialTokens is null
            ? null
            : new Dictionary<string, int>(tokenizer.SpecialTokens, StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
        _decoder = decoder;
        if (tokenizer.UnknownToken is string unknown)
        {
            _unknownId = vocabulary.TryGetValue(unknown, out int id)
                ? id
                : throw new InvalidOperationException($"Unknown Token '{unknown}' was not present in '{nameof(BpeTokenizer.Vocabulary)}'.");
        }

        AddMerges(vocabulary, merges);
    }

    public void AppendTokens(ReadOnlySpan<char> text, int offset, List<EncodedToken> tokens)
    {
        if (TryGetSpecial(text, out int specialId))
        {
            tokens.Add(new EncodedToken(specialId, text.ToString(), offset..(offset + text.Length)));
            return;
        }

        EncodedPiece piece = Encode(text, out int[]? charIndices);
        int index = 0;
        for (int i = 0; i < piece.Ids.Length; i++)
        {
            int end = index + piece.Lengths[i];
            Range range = charIndices is null
                ? (offset + index)..(offset + end)
                : (offset + charIndices[index])..(offset + charIndices[end - 1] + 1);
            tokens.Add(new EncodedToken(piece.Ids[i], _decoder.TokenOf(piece.Ids[i]), range));
            index = end;
        }
    }

    /// <summary>Appends at most <paramref name="maximum"/> ids and says how many characters they cover.</summary>
    public int AppendIds(ReadOnlySpan<char> text, int maximum, List<int> ids)
    {
        if (maximum > 0 && TryGetSpecial(text, out int specialId))
        {
            ids.Add(specialId);
            return text.Length;
        }

        EncodedPiece piece = Encode(text, out int[]? charIndices);
        if (piece.Ids.Length <= maximum)
        {
            ids.AddRange(piece.Ids);
            return text.Length;
        }

        ids.AddRange(piece.Ids.Take(maximum));
        int consumed = piece.Lengths.Take(maximum).Sum();
        return charIndices is null ? consumed : charIndices[consumed];
    }

    /// <summary>Counts at most <paramref name="maximum"/> tokens from the end and says where they start.</summary>
    public int CountFromEnd(ReadOnlySpan<char> text, int maximum, out int index)
    {
        index = 0;
        if (maximum > 0 && TryGetSpecial(text, out _))
        {
            return 1;
        }

        EncodedPiece piece = Encode(text, out int[]? charIndices);
        if (piece.Ids.Length <= maximum)
        {
            return piece.Ids.Length;
        }

        int count = Math.Max(maximum, 0);
        int start = (charIndices?.Length ?? text.Length) - piece.Lengths.TakeLast(count).Sum();
        index = charIndices is null ? start : start >= charIndices.Length ? text.Length : charIndices[start];
        return count;
    }

    private bool TryGetSpecial(ReadOnlySpan<char> text, out int id)
    {
        id = 0;
        return _specialTokens is { } specialTokens && specialTokens.TryGetValue(text, out id);
    }

    private EncodedPiece Encode(ReadOnlySpan<char> text, out int[]? charIndices)
    {
        charIndices = null;
        if (_tokenizer.ByteLevel)
        {
            text = ByteAlphabet.FromText(text, out charIndices);
        }

        if (!_cache.TryGet(text, out EncodedPiece? piece))
        {
            piece = Merge(text);
            _cache.Add(text, piece);
        }

        return piece!;
    }

    private EncodedPiece Merge(ReadOnlySpan<char> text)
    {
        List<int> ids = new(text.Length);
        List<int> lengths = new(text.Length);
        bool previousUnknown = false;
        int length;
        for (int index = 0; index < text.Length; index += length)
        {
            length = index + 1 < text.Length && char.IsSurrogatePair(text[index], text[index + 1]) ? 2 : 1;
            ReadOnlySpan<char> symbol = text.Slice(index, length);
            if (index > 0 && _tokenizer.ContinuingSubwordPrefix is string prefix)
            {
                symbol = string.Concat(prefix, symbol);
            }

            if (index + length >= text.Length && _tokenizer.EndOfWordSuffix is string suffix)
            {
                symbol = string.Concat(symbol, suffix);
            }

            if (_vocabulary.TryGetValue(symbol, out int id))
            {
                ids.Add(id);
                lengths.Add(length);
                previousUnknown = false;
            }
            else if (_unknownId is int unknownId)
            {
                if (previousUnknown && _tokenizer.FuseUnknownTokens)
                {
                    lengths[^1] += length;
                }
                else
                {
                    ids.Add(unknownId);
                    lengths.Add(length);
                }

                previousUnknown = true;
            }
        }

        return _merges.Apply(ids, lengths);
    }

    private void AddMerges(Dictionary<string, int> vocabulary, IEnumerable<string> merges)
    {
        int prefixLength = _tokenizer.ContinuingSubwordPrefix?.Length ?? 0;
        int rank = 0;
        foreach (string merge in merges)
        {
            if (merge is null)
            {
                throw new InvalidOperationException("The merge entries cannot be null.");
            }

            if (!MergeList.TrySplit(merge, out string left, out string right))
            {
                throw new InvalidOperationException("Invalid merger file format");
            }

            int leftId = Find(left);
            int rightId = Find(right);
            if (right.Length <= prefixLength)
            {
                throw new InvalidOperationException($"The merge value '{right}' is too short to be merged with a prefix of length {prefixLength}. This implies that the merge file is either damaged or missing the prefix in its entries.");
            }

            _merges.Add(leftId, rightId, rank++, Find(left + right[prefixLength..]));
        }

        int Find(string token) => vocabulary.TryGetValue(token, out int id)
            ? id
            : throw new InvalidOperationException($"Trying to merge a token '{token}' which not exist in the vocabulary.");
    }
}
