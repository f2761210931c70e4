namespace Microsoft.ML.Tokenizers;

public sealed class BertTokenizer : WordPieceTokenizer
{
    private BertTokenizer(WordPieceVocabulary vocabulary, BertOptions options)
        : base(vocabulary, options)
    {
        LowerCaseBeforeTokenization = options.LowerCaseBeforeTokenization;
        ApplyBasicTokenization = options.ApplyBasicTokenization;
        SplitOnSpecialTokens = options.SplitOnSpecialTokens;
        IndividuallyTokenizeCjk = options.IndividuallyTokenizeCjk;
        RemoveNonSpacingMarks = options.RemoveNonSpacingMarks;
        SeparatorToken = options.SeparatorToken;
        SeparatorTokenId = vocabulary.Ids[SeparatorToken];
        PaddingToken = options.PaddingToken;
        PaddingTokenId = vocabulary.Ids[PaddingToken];
        ClassificationToken = options.ClassificationToken;
        ClassificationTokenId = vocabulary.Ids[ClassificationToken];
        MaskingToken = options.MaskingToken;
        MaskingTokenId = vocabulary.Ids[MaskingToken];
    }

    public bool ApplyBasicTokenization { get; }

    public string ClassificationToken { get; }

    public int ClassificationTokenId { get; }

    public bool IndividuallyTokenizeCjk { get; }

    public bool LowerCaseBeforeTokenization { get; }

    public string MaskingToken { get; }

    public int MaskingTokenId { get; }

    public string PaddingToken { get; }

    public int PaddingTokenId { get; }

    public bool RemoveNonSpacingMarks { get; }

    public string SeparatorToken { get; }

    public int SeparatorTokenId { get; }

    public bool SplitOnSpecialTokens { get; }

    public static BertTokenizer Create(Stream vocabStream, BertOptions? options = null) =>
        Create(WordPieceVocabulary.Read(vocabStream), options ?? new BertOptions());

    public static BertTokenizer Create(string vocabFilePath, BertOptions? options = null) =>
        Create(WordPieceVocabulary.Read(vocabFilePath), options ?? new BertOptions());

    public new IReadOnlyList<int> EncodeToIds(string text, bool considerPreTokenization = true, bool considerNormalization = true) =>
        EncodeToIds(text, addSpecialTokens: true, considerPreTokenization, considerNormalization);

    public new IReadOnlyList<int> EncodeToIds(ReadOnlySpan<char> text, bool considerPreTokenization = true, bool considerNormalization = true) =>
        EncodeToIds(text, addSpecialTokens: true, considerPreTokenization, considerNormalization);

    public IReadOnlyList<int> EncodeToIds(string text, bool addSpecialTokens, bool considerPreTokenization = true, bool considerNormalization = true) =>
        EncodeToIds(text.AsSpan(), addSpecialTokens, considerPreTokenization, considerNormalization);

    public IReadOnlyList<int> EncodeToIds(ReadOnlySpan<char> text, bool addSpecialTokens, bool considerPreTokenization = true, bool considerNormalization = true)
    {
        IReadOnlyList<int> ids = base.EncodeToIds(text, considerPreTokenization, considerNormalization);
        return addSpecialTokens ? BuildInputsWithSpecialTokens(ids) : ids;
    }

    public new IReadOnlyList<int> EncodeToIds(string text, int maxTokenCount, out string? normalizedText, out int charsConsumed, bool considerPreTokenization = true, bool considerNormalization = true) =>
        EncodeToIds(text, maxTokenCount, addSpecialTokens: true, out normalizedText, out charsConsumed, considerPreTokenization, considerNormalization);

    public new IReadOnlyList<int> EncodeToIds(ReadOnlySpan<char> text, int maxTokenCount, out string? normalizedText, out int charsConsumed, bool considerPreTokenization = true, bool considerNormalization = true) =>
        EncodeToIds(text, maxTokenCount, addSpecialTokens: true, out normalizedText, out charsConsumed, considerPreTokenization, considerNormalization);

    public IReadOnlyList<int> EncodeToIds(string text, int maxTokenCount, bool addSpecialTokens, out string? normalizedText, out int charsConsumed, bool considerPreTokenization = true, bool considerNormalization = true) =>
        EncodeToIds(text.AsSpan(), maxTokenCount, addSpecialTokens, out normalizedText, out charsConsumed, considerPreTokenization, considerNormalization);

    public IReadOnlyList<int> EncodeToIds(ReadOnlySpan<char> text, int maxTokenCount, bool addSpecialTokens, out string? normalizedText, out int charsConsumed, bool considerPreTokenization = true, bool considerNormalization = true)
    {
        if (!addSpecialTokens)
        {
            return base.EncodeToIds(text, maxTokenCount, out normalizedText, out charsConsumed, considerPreTokenization, considerNormalization);
        }

        if (maxTokenCount < 2)
        {
            normalizedText = null;
            charsConsumed = 0;
            return [];
        }

        return BuildInputsWithSpecialTokens(
            base.EncodeToIds(text, maxTokenCount - 2, out normalizedText, out charsConsumed, considerPreTokenization, considerNormalization));
    }

    public IReadOnlyList<int> BuildInputsWithSpecialTokens(IEnumerable<int> tokenIds, IEnumerable<int>? additionalTokenIds = null)
    {
        ArgumentNullException.ThrowIfNull(tokenIds);
        List<int> ids = [ClassificationTokenId, .. tokenIds, SeparatorTokenId];
        if (additionalTokenIds is not null)
        {
            ids.AddRange(additionalTokenIds);
            ids.Add(SeparatorTokenId);
        }

        return ids;
    }

    public IReadOnlyList<int> CreateTokenTypeIdsFromSequences(IEnumerable<int> tokenIds, IEnumerable<int>? additionalTokenIds = null)
    {
        ArgumentNullException.ThrowIfNull(tokenIds);
        IEnumerable<int> first = Enumerable.Repeat(0, tokenIds.Count() + 2);
        IEnumerable<int> second = additionalTokenIds is null ? [] : Enumerable.Repeat(1, additionalTokenIds.Count() + 1);
        return first.Concat(second).ToList();
    }

    public IReadOnlyList<int> GetSpecialTokensMask(IEnumerable<int> tokenIds, IEnumerable<int>? additionalTokenIds = null, bool alreadyHasSpecialTokens = false)
    {
        ArgumentNullException.ThrowIfNull(tokenIds);
        if (alreadyHasSpecialTokens)
        {
            int[] special = [ClassificationTokenId, SeparatorTokenId, PaddingTokenId, MaskingTokenId, UnknownTokenId];
            return tokenIds.Concat(additionalTokenIds ?? []).Select(id => special.Contains(id) ? 1 : 0).ToList();
        }

        List<int> mask = [1, .. tokenIds.Select(_ => 0), 1];
        if (additionalTokenIds is not null)
        {
            mask.AddRange(additionalTokenIds.Select(_ => 0));
            mask.Add(1);
        }

        return mask;
    }

    private static BertTokenizer Create(WordPieceVocabulary vocabulary, BertOptions options)
    {
        if (options.ApplyBasicTokenization)
        {
            options.Normalizer ??= new BertNormalizer(options.LowerCaseBeforeTokenization, options.IndividuallyTokenizeCjk, options.RemoveNonSpacingMarks);
        }

        IReadOnlyDictionary<string, int>? pieces = options.SplitOnSpecialTokens ? SpecialPieces(vocabulary, options) : null;
        options.PreTokenizer ??= options.ApplyBasicTokenization ? PreTokenizer.CreateWordOrPunctuation(pieces) : PreTokenizer.CreateWhiteSpace();
        return new BertTokenizer(vocabulary, options);
    }

    /// <summary>The special tokens as they stand in normalized text, known to the vocabulary in that form too.</summary>
    private static IReadOnlyDictionary<string, int> SpecialPieces(WordPieceVocabulary vocabulary, BertOptions options)
    {
        bool given = options.SpecialTokens is not null;
        options.SpecialTokens ??= new[] { options.UnknownToken, options.SeparatorToken, options.PaddingToken, options.ClassificationToken, options.MaskingToken }
            .ToDictionary(token => token, token => vocabulary.Ids.TryGetValue(token, out int id)
                ? id
                : throw new ArgumentException($"The special token '{token}' is not in the vocabulary."));

        bool lowerCase = options.ApplyBasicTokenization && options.LowerCaseBeforeTokenization;
        if (!lowerCase)
        {
            return options.SpecialTokens;
        }

        Dictionary<string, int> pieces = [];
        foreach ((string token, int id) in options.SpecialTokens)
        {
            if (given && (!vocabulary.Ids.TryGetValue(token, out int known) || known != id))
            {
                throw new ArgumentException($"The special token '{token}' is not in the vocabulary or assigned id value {vocabulary.Ids.GetValueOrDefault(token)} different than the value {id} in the special tokens.");
            }

            string lowered = token.ToLowerInvariant();
            pieces[lowered] = vocabulary.Ids[lowered] = id;
        }

        return pieces;
    }
}
