using System.Text;

namespace MLNetLlm.Models;

/// <summary>Translates a SentencePiece <c>.model</c> file (LLaMA 2, T5, ALBERT, XLM-R) into the terms of <c>tokenizer.json</c>.</summary>
internal static class SentencePieceFile
{
    /// <summary>
    /// The name under which models of the XLM-R family ship a file whose ids they do not use: theirs begin with
    /// <c>&lt;s&gt; &lt;pad&gt; &lt;/s&gt; &lt;unk&gt;</c>, and the pieces follow.
    /// </summary>
    public const string ShiftedName = "sentencepiece.bpe.model";

    /// <summary>Whether content looks like this format: it begins with a piece.</summary>
    public static bool Recognises(TokenizerBytes source) => !source.Content.IsEmpty && source.Content.Span[0] == 0x0A;

    public static TokenizerDefinition Read(TokenizerBytes source, TokenizerConfiguration configuration)
    {
        SentencePieceModel model = SentencePieceModel.Read(source);
        RequireSupported(model, source);
        List<SentencePiece> pieces = IsShifted(source) ? Shifted(model.Pieces) : model.Pieces;
        Dictionary<string, int> vocabulary = VocabularyOf(pieces, source);
        List<AddedToken> added = AddedTokens(pieces, model, configuration);
        ITokenModel tokenModel = model.Type == SentencePieceModel.BytePairType
            ? new BytePairModel
            {
                Vocabulary = vocabulary,
                Merges = Merges(pieces, vocabulary),
                UnknownToken = UnknownOf(pieces),
                FusesUnknown = true,
                ByteFallback = model.ByteFallback,
            }
            : new UnigramModel
            {
                Pieces = pieces.Select(piece => new ScoredPiece(piece.Text, piece.Score)).ToList(),
                UnknownId = pieces.FindIndex(piece => piece.Kind == SentencePieceKind.Unknown) is >= 0 and int unknown ? unknown : null,
                ByteFallback = model.ByteFallback,
            };
        TokenizerSections sections = TokenizerSections.SentencePiece(
            model.CharacterMap.Span, model.RemovesExtraSpaces, model.AddsPrefix, model.ByteFallback);
        return new TokenizerDefinition
        {
            Source = source.Name,
            Model = tokenModel,
            AddedTokens = added,
            Sections = WithFrame(sections, model, added, configuration),
            Roles = RolesOf(model),
        };
    }

    public static Dictionary<string, int> ReadVocabulary(TokenizerBytes source)
    {
        List<SentencePiece> pieces = SentencePieceModel.Read(source).Pieces;
        return VocabularyOf(IsShifted(source) ? Shifted(pieces) : pieces, source);
    }

    private static bool IsShifted(TokenizerBytes source) => Path.GetFileName(source.Name) == ShiftedName;

    private static List<SentencePiece> Shifted(List<SentencePiece> pieces) =>
    [
        new("<s>", 0, SentencePieceKind.Control),
        new("<pad>", 0, SentencePieceKind.Control),
        new("</s>", 0, SentencePieceKind.Control),
        new("<unk>", 0, SentencePieceKind.Unknown),
        .. pieces.Skip(3),
        new("<mask>", 0, SentencePieceKind.Control),
    ];

    private static void RequireSupported(SentencePieceModel model, TokenizerBytes source)
    {
        if (model.Type is not (SentencePieceModel.UnigramType or SentencePieceModel.BytePairType))
        {
            throw new NotSupportedException($"{source.Name}: trainer_spec.model_type should be 1 (Unigram) or 2 (BPE); found {model.Type}, which is not supported.");
        }

        if (model.TreatsWhitespaceAsSuffix || !model.EscapesSpaces)
        {
            throw new NotSupportedException(
                $"{source.Name}: trainer_spec.treat_whitespace_as_suffix should be false and normalizer_spec.escape_whitespaces true; " +
                $"found {model.TreatsWhitespaceAsSuffix} and {model.EscapesSpaces}, which is not supported.");
        }

        int unused = model.Pieces.FindIndex(piece => piece.Kind == SentencePieceKind.Unused);
        if (unused >= 0)
        {
            throw new NotSupportedException($"{source.Name}: pieces should be in use; piece {unused} ('{model.Pieces[unused].Text}') is of type UNUSED, which is not supported.");
        }
    }

    private static Dictionary<string, int> VocabularyOf(List<SentencePiece> pieces, TokenizerBytes source)
    {
        Dictionary<string, int> vocabulary = new(pieces.Count, StringComparer.Ordinal);
        for (int id = 0; id < pieces.Count; id++)
        {
            if (!vocabulary.TryAdd(pieces[id].Text, id))
            {
                throw new InvalidDataException($"{source.Name}: each piece should be another one; '{pieces[id].Text}' is piece {vocabulary[pieces[id].Text]} and again {id}.");
            }
        }

        return vocabulary;
    }

    private static string? UnknownOf(List<SentencePiece> pieces) =>
        pieces.FindIndex(piece => piece.Kind == SentencePieceKind.Unknown) is >= 0 and int id ? pieces[id].Text : null;

    /// <summary>Control pieces are special tokens; pieces that the user defined are found in the text as they are.</summary>
    private static List<AddedToken> AddedTokens(List<SentencePiece> pieces, SentencePieceModel model, TokenizerConfiguration configuration) =>
        pieces.Select((piece, id) => (Piece: piece, Id: id))
            .Where(entry => entry.Piece.Kind is SentencePieceKind.Control or SentencePieceKind.Unknown or SentencePieceKind.UserDefined)
            .Select(entry => new AddedToken(
                entry.Piece.Text,
                entry.Id,
                entry.Piece.Kind != SentencePieceKind.UserDefined || configuration.States(entry.Piece.Text)) { Normalized = false })
            .ToList();

    private static SpecialTokenRoles RolesOf(SentencePieceModel model)
    {
        Dictionary<SpecialTokenRole, string> roles = [];
        foreach ((SpecialTokenRole role, int id) in new[]
        {
            (SpecialTokenRole.BeginningOfText, model.BeginningId),
            (SpecialTokenRole.EndOfText, model.EndId),
            (SpecialTokenRole.Padding, model.PaddingId),
            (SpecialTokenRole.Unknown, model.UnknownId),
        })
        {
            if (id >= 0 && id < model.Pieces.Count)
            {
                roles.Add(role, model.Pieces[id].Text);
            }
        }

        return new SpecialTokenRoles(roles);
    }

    /// <summary>
    /// The file does not say what its model puts around texts. The families do: LLaMA begins, T5, which has no such token,
    /// only ends, ALBERT has [CLS] and [SEP], XLM-R begins and ends. The configuration file beside it comes first.
    /// </summary>
    private static TokenizerSections WithFrame(
        TokenizerSections sections, SentencePieceModel model, List<AddedToken> added, TokenizerConfiguration configuration)
    {
        AddedToken? classifier = added.Find(token => token.Content == "[CLS]");
        AddedToken? separator = added.Find(token => token.Content == "[SEP]");
        if (classifier is not null && separator is not null)
        {
            return sections.WithFrame([classifier], [separator], typesPairs: true);
        }

        SpecialTokenRoles roles = RolesOf(model);
        AddedToken? beginning = added.Find(token => token.Content == roles[SpecialTokenRole.BeginningOfText]);
        AddedToken? end = added.Find(token => token.Content == roles[SpecialTokenRole.EndOfText]);
        bool begins = configuration.Flag("add_bos_token") ?? true;
        bool ends = configuration.Flag("add_eos_token") ?? model.Type == SentencePieceModel.UnigramType;
        return sections.WithFrame(
            begins && beginning is not null ? [beginning] : [], ends && end is not null ? [end] : [], typesPairs: false);
    }

    /// <summary>
    /// The format has scores of pieces, <c>tokenizer.json</c> an order of merges: every way to put a piece together from
    /// two others, by falling score.
    /// </summary>
    private static List<TokenMerge> Merges(List<SentencePiece> pieces, Dictionary<string, int> vocabulary)
    {
        Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> lookup = vocabulary.GetAlternateLookup<ReadOnlySpan<char>>();
        List<(TokenMerge Merge, float Score, int LeftLength)> merges = [];
        foreach (SentencePiece piece in pieces.Where(piece => piece.Kind == SentencePieceKind.Normal))
        {
            int split = 0;
            foreach (Rune rune in piece.Text.EnumerateRunes())
            {
                split += rune.Utf16SequenceLength;
                if (split < piece.Text.Length && IsPart(piece.Text.AsSpan(0, split)) && IsPart(piece.Text.AsSpan(split)))
                {
                    merges.Add((new TokenMerge(piece.Text[..split], piece.Text[split..]), piece.Score, split));
                }
            }
        }

        // Stable: of equal scores the piece with the lower id first.
        return merges.OrderByDescending(merge => merge.Score).ThenByDescending(merge => merge.LeftLength).Select(merge => merge.Merge).ToList();

        bool IsPart(ReadOnlySpan<char> text) =>
            lookup.TryGetValue(text, out int id) && pieces[id].Kind == SentencePieceKind.Normal;
    }
}
