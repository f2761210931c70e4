using System.Buffers;
using System.Collections.ObjectModel;
using System.Text.Json;

namespace Microsoft.ML.Tokenizers;

public sealed class BpeTokenizer : Tokenizer
{
    private readonly BpeEncoder _encoder;
    private readonly BpeDecoder _decoder;
    private readonly int _beginningOfSentenceId;
    private readonly string? _endOfSentenceToken;
    private readonly int _endOfSentenceId;

    private BpeTokenizer(BpeOptions options)
    {
        Dictionary<string, int> vocabulary = new(StringComparer.Ordinal);
        foreach ((string token, int id) in options.Vocabulary)
        {
            vocabulary.Add(token, id);
        }

        PreTokenizer = options.PreTokenizer ?? PreTokenizer.CreateWordOrNonWord();
        Normalizer = options.Normalizer;
        SpecialTokens = options.SpecialTokens;
        UnknownToken = options.UnknownToken;
        ContinuingSubwordPrefix = options.ContinuingSubwordPrefix;
        EndOfWordSuffix = options.EndOfWordSuffix;
        FuseUnknownTokens = options.FuseUnknownTokens;
        ByteLevel = options.ByteLevel;
        Vocabulary = new ReadOnlyDictionary<string, int>(vocabulary);
        BeginningOfSentenceToken = options.BeginningOfSentenceToken;
        _endOfSentenceToken = options.EndOfSentenceToken;
        _beginningOfSentenceId = FindSentenceToken("beginning", BeginningOfSentenceToken);
        _endOfSentenceId = FindSentenceToken("end", _endOfSentenceToken);

        _decoder = new BpeDecoder(this, vocabulary);
        _encoder = new BpeEncoder(this, vocabulary, options.Merges ?? [], _decoder);
    }

    public string? BeginningOfSentenceToken { get; }

    public bool ByteLevel { get; }

    public string? ContinuingSubwordPrefix { get; }

    public string? EndOfWordSuffix { get; }

    public bool FuseUnknownTokens { get; }

    public override Normalizer? Normalizer { get; }

    public override PreTokenizer? PreTokenizer { get; }

    public IReadOnlyDictionary<string, int>? SpecialTokens { get; }

    public string? UnknownToken { get; }

    public IReadOnlyDictionary<string, int> Vocabulary { get; }

    public static BpeTokenizer Create(BpeOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (!options.Vocabulary.Any())
        {
            throw new InvalidOperationException("The vocabulary cannot be empty.");
        }

        return new BpeTokenizer(options);
    }

    public static BpeTokenizer Create(string vocabFile, string? mergesFile) =>
        Create(vocabFile, mergesFile, preTokenizer: null);

    public static BpeTokenizer Create(string vocabFile, string? mergesFile, PreTokenizer? preTokenizer = null, Normalizer? normalizer = null, IReadOnlyDictionary<string, int>? specialTokens = null, string? unknownToken = null, string? continuingSubwordPrefix = null, string? endOfWordSuffix = null, bool fuseUnknownTokens = false)
    {
        ArgumentNullException.ThrowIfNull(vocabFile);
        using Stream vocabulary = File.OpenRead(vocabFile);
        using Stream? merges = mergesFile is null ? null : File.OpenRead(mergesFile);
        return Create(vocabulary, merges, preTokenizer, normalizer, specialTokens, unknownToken, continuingSubwordPrefix, endOfWordSuffix, fuseUnknownTokens);
    }

    public static BpeTokenizer Create(Stream vocabStream, Stream? mergesStream) =>
        Create(vocabStream, mergesStream, preTokenizer: null);

    public static BpeTokenizer Create(Stream vocabStream, Stream? mergesStream, PreTokenizer? preTokenizer = null, Normalizer? normalizer = null, IReadOnlyDictionary<string, int>? specialTokens = null, string? unknownToken = null, string? continuingSubwordPrefix = null, string? endOfWordSuffix = null, bool fuseUnknownTokens = false)
    {
        ArgumentNullException.ThrowIfNull(vocabStream);
        return new BpeTokenizer(new BpeOptions(JsonSerializer.Deserialize<Dictionary<string, int>>(vocabStream) ?? [])
        {
            Merges = mergesStream is null ? null : MergeList.Read(mergesStream, "Invalid merger file format at line"),
            PreTokenizer = preTokenizer,
            Normalizer = normalizer,
            SpecialTokens = specialTokens,
            UnknownToken = unknownToken,
            ContinuingSubwordPrefix = continuingSubwordPrefix,
            EndOfWordSuffix = endOfWordSuffix,
            FuseUnknownTokens = fuseUnknownTokens,
        });
    }

    public override string Decode(IEnumerable<int> ids) => Decode(ids, considerSpecialTokens: true);

    public string Decode(IEnumerable<int> ids, bool considerSpecialTokens)
    {
        ArgumentNullException.ThrowIfNull(ids);
        return _decoder.Decode(ids, considerSpecialTokens);
    }

    public override OperationStatus Decode(IEnumerable<int> ids, Span<char> destination, out int idsConsumed, out int charsWritten) =>
        Decode(ids, destination, considerSpecialTokens: true, out idsConsumed, out charsWritten);

    public OperationStatus Decode(IEnumerable<int> ids, Span<char> destination, bool considerSpecialTokens, out int idsConsumed, out int charsWritten)
    {
        ArgumentNullException.ThrowIfNull(ids);
        return _decoder.Decode(ids, destination, considerSpecialTokens, out idsConsumed, out charsWritten);
    }

    protected override EncodeResults<EncodedToken> EncodeToTokens(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
    {
        if (textSpan.IsEmpty)
        {
            return new EncodeResults<EncodedToken> { Tokens = [] };
        }

        IEnumerable<(int Offset, int Length)>? splits = Prepare(text, textSpan, settings, Normalizer, PreTokenizer, out string? normalizedText, out ReadOnlySpan<char> prepared);
        List<EncodedToken> tokens = [];
        if (BeginningOfSentenceToken is not null)
        {
            tokens.Add(new EncodedToken(_beginningOfSentenceId, BeginningOfSentenceToken, 0..0));
        }

        foreach ((int offset, int length) in splits ?? [(0, prepared.Length)])
        {
            _encoder.AppendTokens(prepared.Slice(offset, length), offset, tokens);
        }

        if (_endOfSentenceToken is not null)
        {
            tokens.Add(new EncodedToken(_endOfSentenceId, _endOfSentenceToken, prepared.Length..prepared.Length));
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
        tokenCount = _endOfSentenceToken is null ? 0 : 1;
        foreach ((int offset, int length) in (splits ?? [(0, prepared.Length)]).Reverse())
        {
            tokenCount += _encoder.CountFromEnd(prepared.Slice(offset, length), settings.MaxTokenCount - tokenCount, out int index);
            if (index > 0 || tokenCount >= settings.MaxTokenCount)
            {
                return offset + index;
            }
        }

        tokenCount += BeginningOfSentenceToken is null ? 0 : 1;
        return 0;
    }

    private int Encode(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings, List<int> ids, out string? normalizedText)
    {
        int maxTokenCount = settings.MaxTokenCount;
        RequirePositive(maxTokenCount, nameof(settings.MaxTokenCount));
        normalizedText = null;
        if (textSpan.IsEmpty)
        {
            return 0;
        }

        IEnumerable<(int Offset, int Length)>? splits = Prepare(text, textSpan, settings, Normalizer, PreTokenizer, out normalizedText, out ReadOnlySpan<char> prepared);
        if (BeginningOfSentenceToken is not null)
        {
            ids.Add(_beginningOfSentenceId);
        }

        int charsConsumed = 0;
        foreach ((int offset, int length) in splits ?? [(0, prepared.Length)])
        {
            int consumed = _encoder.AppendIds(prepared.Slice(offset, length), maxTokenCount - ids.Count, ids);
            charsConsumed = offset + consumed;
            if (consumed < length || ids.Count >= maxTokenCount)
            {
                break;
            }
        }

        if (_endOfSentenceToken is not null && ids.Count < maxTokenCount)
        {
            ids.Add(_endOfSentenceId);
        }

        return charsConsumed;
    }

    private int FindSentenceToken(string position, string? token)
    {
        int id = 0;
        if (token is not null && !Vocabulary.TryGetValue(token, out id) && SpecialTokens?.TryGetValue(token, out id) == false)
        {
            throw new InvalidOperationException($"The {position} of sentence token '{token}' was not present in the vocabulary.");
        }

        return id;
    }
}
