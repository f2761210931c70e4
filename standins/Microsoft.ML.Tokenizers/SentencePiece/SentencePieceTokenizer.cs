using System.Buffers;

namespace Microsoft.ML.Tokenizers;

public class SentencePieceTokenizer : Tokenizer
{
    private readonly SentencePieceModel _model;
    private readonly SentencePieceNormalizer _normalizer;
    private readonly SentencePieceEncoder _encoder;
    private readonly SentencePieceDecoder _decoder;

    internal SentencePieceTokenizer(SentencePieceModel model, bool addBeginningOfSentence, bool addEndOfSentence, IReadOnlyDictionary<string, int>? specialTokens)
    {
        _model = model;
        AddBeginningOfSentence = addBeginningOfSentence;
        AddEndOfSentence = addEndOfSentence;
        SpecialTokens = specialTokens;
        int firstByteId = Math.Max(0, model.Pieces.FindIndex(piece => piece.Text == "<0x00>"));
        int lastByteId = model.Pieces.FindLastIndex(piece => piece.Type == SentencePieceType.Byte);
        _normalizer = new SentencePieceNormalizer(model, specialTokens);
        _encoder = new SentencePieceEncoder(model, firstByteId, specialTokens);
        _decoder = new SentencePieceDecoder(model, firstByteId, lastByteId, specialTokens);
        Vocabulary = CreateVocabulary(model);
    }

    public bool AddBeginningOfSentence { get; }

    public bool AddDummyPrefix => _model.AddDummyPrefix;

    public bool AddEndOfSentence { get; }

    public int BeginningOfSentenceId => Math.Max(0, _model.BeginningId);

    public string BeginningOfSentenceToken => _model.BeginningPiece;

    public bool ByteFallback => _model.ByteFallback;

    public int EndOfSentenceId => Math.Max(0, _model.EndId);

    public string EndOfSentenceToken => _model.EndPiece;

    public bool EscapeWhiteSpaces => _model.EscapeWhitespaces;

    public override Normalizer? Normalizer => _normalizer;

    public override PreTokenizer? PreTokenizer => null;

    public IReadOnlyDictionary<string, int>? SpecialTokens { get; }

    public bool TreatWhitespaceAsSuffix => _model.TreatWhitespaceAsSuffix;

    public int UnknownId => Math.Max(0, _model.UnknownId);

    public string UnknownToken => _model.UnknownPiece;

    public IReadOnlyDictionary<string, int> Vocabulary { get; }

    public static SentencePieceTokenizer Create(Stream modelStream, bool addBeginningOfSentence = true, bool addEndOfSentence = false, IReadOnlyDictionary<string, int>? specialTokens = null)
    {
        ArgumentNullException.ThrowIfNull(modelStream);
        return new SentencePieceTokenizer(SentencePieceModel.Read(modelStream), addBeginningOfSentence, addEndOfSentence, specialTokens);
    }

    public int CountTokens(string text, bool addBeginningOfSentence, bool addEndOfSentence, bool considerPreTokenization = true, bool considerNormalization = true) =>
        Encode(text, addBeginningOfSentence, addEndOfSentence, considerNormalization, out _).Count;

    public IReadOnlyList<int> EncodeToIds(string text, bool addBeginningOfSentence, bool addEndOfSentence, bool considerPreTokenization = true, bool considerNormalization = true) =>
        Ids(Encode(text, addBeginningOfSentence, addEndOfSentence, considerNormalization, out _));

    public IReadOnlyList<int> EncodeToIds(string text, bool addBeginningOfSentence, bool addEndOfSentence, int maxTokenCount, out string? normalizedText, out int charsConsumed, bool considerPreTokenization = true, bool considerNormalization = true)
    {
        RequirePositive(maxTokenCount, nameof(maxTokenCount));
        List<EncodedToken> tokens = Encode(text, addBeginningOfSentence, addEndOfSentence, considerNormalization, out normalizedText);
        charsConsumed = Cut(tokens, maxTokenCount);
        return Ids(tokens);
    }

    public IReadOnlyList<EncodedToken> EncodeToTokens(string text, out string? normalizedText, bool addBeginningOfSentence, bool addEndOfSentence, bool considerPreTokenization = true, bool considerNormalization = true) =>
        Encode(text, addBeginningOfSentence, addEndOfSentence, considerNormalization, out normalizedText);

    public override string Decode(IEnumerable<int> ids) => Decode(ids, considerSpecialTokens: false);

    public string Decode(IEnumerable<int> ids, bool considerSpecialTokens)
    {
        ArgumentNullException.ThrowIfNull(ids);
        return _decoder.Decode(ids, considerSpecialTokens);
    }

    public override OperationStatus Decode(IEnumerable<int> ids, Span<char> destination, out int idsConsumed, out int charsWritten) =>
        Decode(ids, destination, considerSpecialTokens: false, out idsConsumed, out charsWritten);

    public OperationStatus Decode(IEnumerable<int> ids, Span<char> destination, bool considerSpecialTokens, out int idsConsumed, out int charsWritten)
    {
        ArgumentNullException.ThrowIfNull(ids);
        List<int> all = ids.ToList();

        // Whole tokens only: the longest beginning of the ids whose text fits and ends with no byte left over.
        for (idsConsumed = all.Count; idsConsumed > 0; idsConsumed--)
        {
            bool insideBytes = idsConsumed < all.Count && _decoder.IsByte(all[idsConsumed]) && _decoder.IsByte(all[idsConsumed - 1]);
            string text = _decoder.Decode(all.Take(idsConsumed), considerSpecialTokens);
            if (!insideBytes && text.TryCopyTo(destination))
            {
                charsWritten = text.Length;
                return idsConsumed == all.Count ? OperationStatus.Done : OperationStatus.DestinationTooSmall;
            }
        }

        charsWritten = 0;
        return all.Count == 0 ? OperationStatus.Done : OperationStatus.DestinationTooSmall;
    }

    protected override EncodeResults<EncodedToken> EncodeToTokens(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
    {
        List<EncodedToken> tokens = Encode(text ?? textSpan.ToString(), AddBeginningOfSentence, AddEndOfSentence, settings.ConsiderNormalization, out string? normalizedText);
        return new EncodeResults<EncodedToken> { Tokens = tokens, NormalizedText = normalizedText, CharsConsumed = normalizedText?.Length ?? textSpan.Length };
    }

    protected override EncodeResults<int> EncodeToIds(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
    {
        IReadOnlyList<int> ids = EncodeToIds(
            text ?? textSpan.ToString(), AddBeginningOfSentence, AddEndOfSentence, settings.MaxTokenCount, out string? normalizedText, out int charsConsumed, considerNormalization: settings.ConsiderNormalization);
        return new EncodeResults<int> { Tokens = ids, NormalizedText = normalizedText, CharsConsumed = charsConsumed };
    }

    private static Dictionary<string, int> CreateVocabulary(SentencePieceModel model)
    {
        Dictionary<string, int> vocabulary = new(StringComparer.Ordinal);
        for (int id = 0; id < model.Pieces.Count; id++)
        {
            if (model.IsBytePair || model.Pieces[id].Type is SentencePieceType.Normal or SentencePieceType.UserDefined or SentencePieceType.Unused)
            {
                vocabulary.Add(model.Pieces[id].Text, id);
            }
        }

        if (model.IsUnigram)
        {
            vocabulary[model.UnknownPiece] = model.UnknownId;
            vocabulary[model.BeginningPiece] = model.BeginningId;
            vocabulary[model.EndPiece] = model.EndId;
            if (model.PaddingId >= 0)
            {
                vocabulary[model.PaddingPiece] = model.PaddingId;
            }
        }

        return vocabulary;
    }

    private List<EncodedToken> Encode(string text, bool addBeginning, bool addEnd, bool considerNormalization, out string? normalizedText)
    {
        normalizedText = null;
        if (string.IsNullOrEmpty(text))
        {
            return [];
        }

        if (considerNormalization)
        {
            text = normalizedText = _model.IsUnigram ? _normalizer.NormalizeCharacters(text) : _normalizer.Normalize(text);
            if (text.Length == 0 && _model.IsBytePair)
            {
                return [];
            }
        }

        List<EncodedToken> tokens = _encoder.Encode(text);
        if (addBeginning)
        {
            tokens.Insert(0, new EncodedToken(BeginningOfSentenceId, BeginningOfSentenceToken, 0..0));
        }

        if (addEnd)
        {
            tokens.Add(new EncodedToken(EndOfSentenceId, EndOfSentenceToken, text.Length..text.Length));
        }

        return tokens;
    }

    /// <summary>Drops what is beyond the limit, never a part of a character's bytes, and says how much text is left.</summary>
    private int Cut(List<EncodedToken> tokens, int maximum)
    {
        int count = Math.Min(tokens.Count, maximum);
        bool insideCharacter = count < tokens.Count && _decoder.IsByte(tokens[count].Id) && tokens[count].Offset.Start.Equals(tokens[count].Offset.End);
        while (insideCharacter && count > 0)
        {
            count--;
            insideCharacter = tokens[count].Offset.Start.Equals(tokens[count].Offset.End);
        }

        tokens.RemoveRange(count, tokens.Count - count);
        return tokens.Select(token => token.Offset.End.Value).DefaultIfEmpty().Max();
    }

    private static List<int> Ids(List<EncodedToken> tokens) => tokens.ConvertAll(token => token.Id);
}
