using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;

namespace Microsoft.ML.Tokenizers;

public sealed class TiktokenTokenizer : Tokenizer
{
    private const int DefaultCacheSize = 8192;

    private readonly TiktokenVocabulary _vocabulary;
    private readonly TiktokenEncoder _encoder;
    private readonly Dictionary<int, byte[]> _specialBytes = [];

    private TiktokenTokenizer(Stream vocabStream, PreTokenizer? preTokenizer, Normalizer? normalizer, IReadOnlyDictionary<string, int>? specialTokens, int cacheSize)
    {
        ArgumentNullException.ThrowIfNull(vocabStream);
        _vocabulary = TiktokenVocabulary.Read(vocabStream);
        _encoder = new TiktokenEncoder(_vocabulary, specialTokens, cacheSize);
        PreTokenizer = preTokenizer;
        Normalizer = normalizer;
        SpecialTokens = specialTokens;
        foreach ((string token, int id) in specialTokens ?? new Dictionary<string, int>())
        {
            _specialBytes[id] = Encoding.UTF8.GetBytes(token);
        }
    }

    public override Normalizer? Normalizer { get; }

    public override PreTokenizer? PreTokenizer { get; }

    public IReadOnlyDictionary<string, int>? SpecialTokens { get; }

    public static TiktokenTokenizer Create(Stream vocabStream, PreTokenizer? preTokenizer, Normalizer? normalizer, IReadOnlyDictionary<string, int>? specialTokens = null, int cacheSize = DefaultCacheSize) =>
        new(vocabStream, preTokenizer, normalizer, specialTokens, cacheSize);

    public static TiktokenTokenizer Create(string vocabFilePath, PreTokenizer? preTokenizer, Normalizer? normalizer, IReadOnlyDictionary<string, int>? specialTokens = null, int cacheSize = DefaultCacheSize)
    {
        if (string.IsNullOrEmpty(vocabFilePath))
        {
            throw new ArgumentNullException(nameof(vocabFilePath));
        }

        using Stream vocabulary = File.OpenRead(vocabFilePath);
        return Create(vocabulary, preTokenizer, normalizer, specialTokens, cacheSize);
    }

    public static TiktokenTokenizer CreateForModel(string modelName, Stream vocabStream, IReadOnlyDictionary<string, int>? extraSpecialTokens = null, int cacheSize = DefaultCacheSize, Normalizer? normalizer = null)
    {
        if (string.IsNullOrEmpty(modelName))
        {
            throw new ArgumentNullException(nameof(modelName));
        }

        var (specialTokens, regex, _) = TiktokenEncodings.Describe(TiktokenEncodings.OfModel(modelName));
        foreach ((string token, int id) in extraSpecialTokens ?? new Dictionary<string, int>())
        {
            specialTokens.Add(token, id);
        }

        return new TiktokenTokenizer(vocabStream, new RegexPreTokenizer(regex, specialTokens), normalizer, specialTokens, cacheSize);
    }

    public static TiktokenTokenizer CreateForModel(string modelName, IReadOnlyDictionary<string, int>? extraSpecialTokens = null, Normalizer? normalizer = null) =>
        throw DataPackageMissing(TiktokenEncodings.OfModel(modelName));

    public static TiktokenTokenizer CreateForEncoding(string encodingName, IReadOnlyDictionary<string, int>? extraSpecialTokens = null, Normalizer? normalizer = null) =>
        string.IsNullOrEmpty(encodingName)
            ? throw new ArgumentNullException(nameof(encodingName))
            : throw DataPackageMissing(encodingName);

    public override string Decode(IEnumerable<int> ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        List<byte> bytes = [];
        foreach (int id in ids)
        {
            bytes.AddRange(BytesOf(id) ?? []);
        }

        return Encoding.UTF8.GetString(CollectionsMarshal.AsSpan(bytes));
    }

    public override OperationStatus Decode(IEnumerable<int> ids, Span<char> destination, out int idsConsumed, out int charsWritten)
    {
        ArgumentNullException.ThrowIfNull(ids);
        idsConsumed = 0;
        charsWritten = 0;
        int idsPending = 0;
        List<byte> bytes = [];
        List<char> characters = [];
        foreach (int id in ids)
        {
            if (BytesOf(id) is not byte[] token)
            {
                return OperationStatus.InvalidData;
            }

            bytes.AddRange(token);
            idsPending++;
            if (!Utf8.TryDecode(CollectionsMarshal.AsSpan(bytes), characters, out int bytesConsumed))
            {
                return OperationStatus.InvalidData;
            }

            bytes.RemoveRange(0, bytesConsumed);
            if (bytes.Count > 0)
            {
                continue;
            }

            if (!CollectionsMarshal.AsSpan(characters).TryCopyTo(destination[charsWritten..]))
            {
                return OperationStatus.DestinationTooSmall;
            }

            charsWritten += characters.Count;
            idsConsumed += idsPending;
            idsPending = 0;
            characters.Clear();
        }

        return bytes.Count > 0 ? OperationStatus.NeedMoreData : OperationStatus.Done;
    }

    protected override EncodeResults<EncodedToken> EncodeToTokens(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
    {
        if (textSpan.IsEmpty)
        {
            return new EncodeResults<EncodedToken> { Tokens = [] };
        }

        IEnumerable<(int Offset, int Length)>? splits = Prepare(text, textSpan, settings, Normalizer, PreTokenizer, out string? normalizedText, out ReadOnlySpan<char> prepared);
        List<EncodedToken> tokens = [];
        foreach ((int offset, int length) in splits ?? [(0, prepared.Length)])
        {
            foreach (TiktokenToken token in _encoder.Encode(prepared.Slice(offset, length)))
            {
                int start = offset + token.Index;
                tokens.Add(new EncodedToken(token.Id, prepared.Slice(start, token.Length).ToString(), start..(start + token.Length)));
            }
        }

        return new EncodeResults<EncodedToken> { Tokens = tokens, NormalizedText = normalizedText, CharsConsumed = prepared.Length };
    }

    protected override EncodeResults<int> EncodeToIds(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
    {
        List<int> ids = [];
        int charsConsumed = Encode(text, textSpan, settings, ids, out string? normalizedText);
        return new EncodeResults<int> { Tokens = ids, NormalizedText = normalizedText, CharsConsumed = charsConsumed };
    }

    protected override int CountTokens(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
    {
        List<int> ids = [];
        Encode(text, textSpan, settings, ids, out _);
        return ids.Count;
    }

    protected override int GetIndexByTokenCount(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings, bool fromEnd, out string? normalizedText, out int tokenCount)
    {
        if (!fromEnd)
        {
            List<int> ids = [];
            int charsConsumed = Encode(text, textSpan, settings, ids, out normalizedText);
            tokenCount = ids.Count;
            return charsConsumed;
        }

        RequirePositive(settings.MaxTokenCount, "maxTokenCount");
        normalizedText = null;
        tokenCount = 0;
        if (textSpan.IsEmpty)
        {
            return 0;
        }

        IEnumerable<(int Offset, int Length)>? splits = Prepare(text, textSpan, settings, Normalizer, PreTokenizer, out normalizedText, out ReadOnlySpan<char> prepared);
        foreach ((int offset, int length) in (splits ?? [(0, prepared.Length)]).Reverse())
        {
            TiktokenToken[] tokens = _encoder.Encode(prepared.Slice(offset, length));
            int first = Math.Max(0, tokens.Length - (settings.MaxTokenCount - tokenCount));
            while (first > 0 && first < tokens.Length && tokens[first].Index < tokens[first - 1].Index + tokens[first - 1].Length)
            {
                first++;
            }

            tokenCount += tokens.Length - first;
            int index = first == 0 ? 0 : first >= tokens.Length ? length : tokens[first].Index;
            if (index > 0 || tokenCount >= settings.MaxTokenCount)
            {
                return offset + index;
            }
        }

        return 0;
    }

    private int Encode(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings, List<int> ids, out string? normalizedText)
    {
        RequirePositive(settings.MaxTokenCount, nameof(settings.MaxTokenCount));
        normalizedText = null;
        if (textSpan.IsEmpty)
        {
            return 0;
        }

        int charsConsumed = 0;
        IEnumerable<(int Offset, int Length)>? splits = Prepare(text, textSpan, settings, Normalizer, PreTokenizer, out normalizedText, out ReadOnlySpan<char> prepared);
        foreach ((int offset, int length) in splits ?? [(0, prepared.Length)])
        {
            TiktokenToken[] tokens = _encoder.Encode(prepared.Slice(offset, length));
            int taken = Take(tokens, settings.MaxTokenCount - ids.Count);
            ids.AddRange(tokens.Take(taken).Select(token => token.Id));
            int consumed = taken == tokens.Length ? length : taken == 0 ? 0 : tokens[taken - 1].Index + tokens[taken - 1].Length;
            charsConsumed = offset + consumed;
            if (consumed < length || ids.Count >= settings.MaxTokenCount)
            {
                break;
            }
        }

        return charsConsumed;
    }

    // A cut never separates tokens that share a character.
    private static int Take(TiktokenToken[] tokens, int maximum)
    {
        int taken = Math.Min(tokens.Length, maximum);
        while (taken > 0 && taken < tokens.Length && tokens[taken].Index < tokens[taken - 1].Index + tokens[taken - 1].Length)
        {
            taken--;
        }

        return taken;
    }

    private byte[]? BytesOf(int id) =>
        _specialBytes.TryGetValue(id, out byte[]? special) ? special : _vocabulary.TryGetBytes(id, out byte[]? bytes) ? bytes : null;

    private static InvalidOperationException DataPackageMissing(string encoding)
    {
        string package = TiktokenEncodings.Describe(encoding).Package;
        return new InvalidOperationException($"The tokenizer data file {package}.dll could not be loaded. Please reference the package {package} in your project.");
    }
}
