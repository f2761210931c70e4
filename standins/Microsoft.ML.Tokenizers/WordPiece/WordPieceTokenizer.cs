using System.Buffers;
using System.Text;

namespace Microsoft.ML.Tokenizers;

/// <summary>Cuts each word into the longest tokens that fit, from its start; a word that does not fit whole is unknown.</summary>
public class WordPieceTokenizer : Tokenizer
{
    private readonly WordPieceVocabulary _vocabulary;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _ids;

    internal WordPieceTokenizer(WordPieceVocabulary vocabulary, WordPieceOptions options)
    {
        ArgumentNullException.ThrowIfNull(options.UnknownToken);
        ArgumentNullException.ThrowIfNull(options.ContinuingSubwordPrefix);
        if (options.MaxInputCharsPerWord <= 0)
        {
            throw new ArgumentOutOfRangeException(nameof(options.MaxInputCharsPerWord), "The maximum number of characters per word must be greater than zero.");
        }

        _vocabulary = vocabulary;
        _ids = vocabulary.Ids.GetAlternateLookup<ReadOnlySpan<char>>();
        SpecialTokens = options.SpecialTokens;
        UnknownToken = options.UnknownToken;
        UnknownTokenId = vocabulary.Ids.TryGetValue(UnknownToken, out int id)
            ? id
            : throw new ArgumentException($"The unknown token '{UnknownToken}' is not in the vocabulary.");
        ContinuingSubwordPrefix = options.ContinuingSubwordPrefix;
        MaxInputCharsPerWord = options.MaxInputCharsPerWord;
        PreTokenizer = options.PreTokenizer ?? PreTokenizer.CreateWhiteSpace(options.SpecialTokens);
        Normalizer = options.Normalizer;
    }

    public string ContinuingSubwordPrefix { get; }

    public int MaxInputCharsPerWord { get; }

    public override Normalizer? Normalizer { get; }

    public override PreTokenizer? PreTokenizer { get; }

    public IReadOnlyDictionary<string, int>? SpecialTokens { get; }

    public string UnknownToken { get; }

    public int UnknownTokenId { get; }

    public static WordPieceTokenizer Create(Stream vocabStream, WordPieceOptions? options = null) =>
        new(WordPieceVocabulary.Read(vocabStream), options ?? new WordPieceOptions());

    public static WordPieceTokenizer Create(string vocabFilePath, WordPieceOptions? options = null) =>
        new(WordPieceVocabulary.Read(vocabFilePath), options ?? new WordPieceOptions());

    public override string Decode(IEnumerable<int> ids) => Decode(ids, skipSpecialTokens: false);

    public string Decode(IEnumerable<int> ids, bool skipSpecialTokens)
    {
        StringBuilder text = new();
        bool first = true;
        foreach (int id in ids)
        {
            if (skipSpecialTokens && IsSpecial(id))
            {
                continue;
            }

            if (_vocabulary.Tokens.TryGetValue(id, out string? token))
            {
                bool continuing = token.StartsWith(ContinuingSubwordPrefix, StringComparison.Ordinal);
                bool attached = continuing || first || token[0] is '.' or ',' or '!' or '?' or '\'';
                text.Append(attached ? "" : " ").Append(continuing ? token[ContinuingSubwordPrefix.Length..] : token);
            }

            first = false;
        }

        return text.ToString();
    }

    public override OperationStatus Decode(IEnumerable<int> ids, Span<char> destination, out int idsConsumed, out int charsWritten) =>
        Decode(ids, destination, skipSpecialTokens: false, out idsConsumed, out charsWritten);

    public OperationStatus Decode(IEnumerable<int> ids, Span<char> destination, bool skipSpecialTokens, out int idsConsumed, out int charsWritten)
    {
        idsConsumed = 0;
        charsWritten = 0;
        foreach (int id in ids)
        {
            if (skipSpecialTokens && IsSpecial(id))
            {
                continue;
            }

            if (!_vocabulary.Tokens.TryGetValue(id, out string? token))
            {
                return OperationStatus.InvalidData;
            }

            string piece = token.StartsWith(ContinuingSubwordPrefix, StringComparison.Ordinal) ? token[ContinuingSubwordPrefix.Length..]
                : idsConsumed == 0 ? token
                : " " + token;
            if (!piece.TryCopyTo(destination[charsWritten..]))
            {
                return OperationStatus.DestinationTooSmall;
            }

            charsWritten += piece.Length;
            idsConsumed++;
        }

        return OperationStatus.Done;
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
            tokens.AddRange(EncodeWord(prepared.Slice(offset, length), offset));
        }

        return new EncodeResults<EncodedToken> { Tokens = tokens, NormalizedText = normalizedText, CharsConsumed = prepared.Length };
    }

    protected override EncodeResults<int> EncodeToIds(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
    {
        RequirePositive(settings.MaxTokenCount, nameof(settings.MaxTokenCount));
        if (textSpan.IsEmpty)
        {
            return new EncodeResults<int> { Tokens = [] };
        }

        List<int> ids = [];
        int charsConsumed = 0;
        IEnumerable<(int Offset, int Length)>? splits = Prepare(text, textSpan, settings, Normalizer, PreTokenizer, out string? normalizedText, out ReadOnlySpan<char> prepared);
        foreach ((int offset, int length) in splits ?? [(0, prepared.Length)])
        {
            // Words stay whole: one with more tokens than are left is not begun.
            List<EncodedToken> word = EncodeWord(prepared.Slice(offset, length), offset);
            if (word.Count > settings.MaxTokenCount - ids.Count)
            {
                break;
            }

            ids.AddRange(word.Select(token => token.Id));
            if (splits is not null && ids.Count >= settings.MaxTokenCount)
            {
                break;
            }

            charsConsumed = offset + length;
        }

        return new EncodeResults<int> { Tokens = ids, NormalizedText = normalizedText, CharsConsumed = charsConsumed };
    }

    protected override int CountTokens(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings) =>
        EncodeToIds(text, textSpan, settings).Tokens.Count;

    protected override int GetIndexByTokenCount(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings, bool fromEnd, out string? normalizedText, out int tokenCount)
    {
        RequirePositive(settings.MaxTokenCount, "maxTokenCount");
        normalizedText = null;
        tokenCount = 0;
        if (textSpan.IsEmpty)
        {
            return 0;
        }

        IEnumerable<(int Offset, int Length)> splits =
            Prepare(text, textSpan, settings, Normalizer, PreTokenizer, out normalizedText, out ReadOnlySpan<char> prepared) ?? [(0, prepared.Length)];
        foreach ((int offset, int length) in fromEnd ? splits.Reverse() : splits)
        {
            int count = EncodeWord(prepared.Slice(offset, length), offset).Count;
            if (count > settings.MaxTokenCount - tokenCount)
            {
                return fromEnd ? offset + length : offset;
            }

            tokenCount += count;
            if (count >= settings.MaxTokenCount)
            {
                return fromEnd ? offset : offset + length;
            }
        }

        return fromEnd ? 0 : prepared.Length;
    }

    private List<EncodedToken> EncodeWord(ReadOnlySpan<char> word, int offset)
    {
        List<EncodedToken> tokens = [];
        int start = 0;
        while (start < word.Length && word.Length <= MaxInputCharsPerWord)
        {
            int end = word.Length;
            int id;
            while (!_ids.TryGetValue(start == 0 ? word[start..end] : string.Concat(ContinuingSubwordPrefix, word[start..end]), out id))
            {
                if (--end == start)
                {
                    return [Unknown(word.Length)];
                }
            }

            tokens.Add(new EncodedToken(id, _vocabulary.Tokens[id], (offset + start)..(offset + end)));
            start = end;
        }

        return start < word.Length ? [Unknown(word.Length)] : tokens;

        EncodedToken Unknown(int length) => new(UnknownTokenId, UnknownToken, offset..(offset + length));
    }

    private bool IsSpecial(int id) => SpecialTokens is not null && SpecialTokens.Values.Contains(id);
}
