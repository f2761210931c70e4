using System.Text;
using Microsoft.ML.Tokenizers;

namespace MLNetLlm.Models;

/// <summary>
/// Text to token ids and back, by the vocabulary and rules of a published tokenizer or a learned one: byte pairs (GPT-2,
/// LLaMA, Qwen), WordPiece (BERT) or Unigram (T5, ALBERT). Immutable and safe to use from any number of threads.
/// </summary>
/// <remarks>
/// <para>Byte-level tokenizers represent every string: encoding then decoding gives back any valid Unicode text exactly.
/// The others change text as their models were trained with (case, accents, spaces, unknown characters), and give back the
/// changed text. A surrogate without its partner, which is not valid Unicode, becomes U+FFFD.</para>
/// <para>Text is data: the spelling of a special token inside it is encoded as ordinary characters, unless a caller
/// allows special tokens.</para>
/// <para>Formats: the <c>tokenizer.json</c> schema of Hugging Face with model type <c>BPE</c>, <c>WordPiece</c> or
/// <c>Unigram</c>; GPT-2's <c>vocab.json</c> and <c>merges.txt</c>; BERT's <c>vocab.txt</c>; SentencePiece's
/// <c>.model</c>; OpenAI's <c>.tiktoken</c> files, LLaMA 3's <c>tokenizer.model</c> among them.</para>
/// </remarks>
public sealed class TextTokenizer
{
    private readonly TokenizerDefinition _definition;
    private readonly NormalizerSequence _normalizer;
    private readonly PreTokenization _preTokenization;
    private readonly ITokenAlgorithm _algorithm;
    private readonly TokenFraming _framing;
    private readonly TokenDecoder _decoder;
    private readonly AddedTokenFinder _textTokens;
    private readonly AddedTokenFinder _allTokens;
    private readonly TokenTable _tokens;

    internal TextTokenizer(TokenizerDefinition definition)
    {
        definition.Check();
        _definition = definition;
        string source = definition.Source;
        _normalizer = NormalizerReader.Read(new JsonSection(definition.Sections.Normalizer, "normalizer", source));
        _preTokenization = PreTokenizerReader.Read(new JsonSection(definition.Sections.PreTokenizer, "pre_tokenizer", source));
        _framing = TokenFraming.Read(new JsonSection(definition.Sections.PostProcessor, "post_processor", source));
        _decoder = TokenDecoder.Read(new JsonSection(definition.Sections.Decoder, "decoder", source));
        HashSet<int> special = definition.AddedTokens.Where(token => token.Special).Select(token => token.Id).ToHashSet();
        _algorithm = definition.Model.CreateAlgorithm(new AlgorithmContext(_preTokenization.ByteLevel, special, source));
        _tokens = new TokenTable(definition);
        _textTokens = new AddedTokenFinder(definition.AddedTokens.Where(token => !token.Special), _normalizer);
        _allTokens = new AddedTokenFinder(definition.AddedTokens, _normalizer);

        SpecialTokens = definition.AddedTokens.Where(token => token.Special)
            .ToDictionary(token => token.Content, token => token.Id, StringComparer.Ordinal).AsReadOnly();
        Roles = definition.Roles.Where(token => IdOf(token) is not null)
            .Or(SpecialTokenRoles.OfUsualNames(SpecialTokens.Keys.Concat(definition.Model.UnknownToken is string unknown ? [unknown] : [])));
        if (definition.Model.UnknownToken is string own)
        {
            Roles = Roles.Or(new SpecialTokenRoles(new Dictionary<SpecialTokenRole, string> { [SpecialTokenRole.Unknown] = own }));
        }
    }

    /// <summary>One more than the highest id: the number of embedding rows that a model of these tokens needs.</summary>
    public int VocabularySize => _tokens.Size;

    /// <summary>The id of the token that ends a text (for example <c>&lt;|endoftext|&gt;</c>), or null without one.</summary>
    public int? EndOfTextId => IdOf(SpecialTokenRole.EndOfText);

    /// <summary>The id of the token that begins a text, or null without one.</summary>
    public int? BeginningOfTextId => IdOf(SpecialTokenRole.BeginningOfText);

    /// <summary>The id of the padding token, or null without one.</summary>
    public int? PaddingId => IdOf(SpecialTokenRole.Padding);

    /// <summary>The id of the token that hides a word from a masked language model (<c>[MASK]</c>), or null without one.</summary>
    public int? MaskId => IdOf(SpecialTokenRole.Mask);

    /// <summary>The id of the token whose state stands for the whole text (<c>[CLS]</c>), or null without one.</summary>
    public int? ClassifierId => IdOf(SpecialTokenRole.Classifier);

    /// <summary>The id of the token that stands between texts (<c>[SEP]</c>), or null without one.</summary>
    public int? SeparatorId => IdOf(SpecialTokenRole.Separator);

    /// <summary>The id for what the vocabulary cannot spell, or null without one.</summary>
    public int? UnknownId => IdOf(SpecialTokenRole.Unknown);

    /// <summary>The special tokens as they are written, with their ids.</summary>
    public IReadOnlyDictionary<string, int> SpecialTokens { get; }

    /// <summary>Whether <see cref="EncodeFramed"/> adds special tokens to a text.</summary>
    public bool HasFrame => _framing.AddsTokens;

    /// <summary>How many special tokens <see cref="EncodeFramed"/> adds to a text.</summary>
    public int FrameLength => _framing.Frame([], null).Ids.Length;

    internal TokenizerDefinition Definition => _definition with { Roles = Roles };

    private SpecialTokenRoles Roles { get; }

    /// <summary>
    /// Loads a tokenizer from a directory or from one of its files: <c>tokenizer.json</c>, or a SentencePiece
    /// <c>.model</c>, or <c>vocab.json</c> with <c>merges.txt</c> (<c>encoder.json</c> with <c>vocab.bpe</c>), or
    /// <c>vocab.txt</c>, or a tiktoken file.
    /// </summary>
    /// <remarks>
    /// Where a directory has several, the first in this order is read and the others must give tokens the same ids.
    /// Special tokens' roles and options come from <c>tokenizer_config.json</c>, <c>special_tokens_map.json</c> and
    /// <c>generation_config.json</c>.
    /// </remarks>
    /// <param name="path">A directory or file.</param>
    /// <exception cref="FileNotFoundException">There is no such file, or the directory holds no tokenizer.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or two files contradict each other; the message names what and where.</exception>
    /// <exception cref="NotSupportedException">The file asks for something that is not supported; the message names it.</exception>
    public static TextTokenizer Load(string path) => new(TokenizerFiles.Load(path));

    /// <summary>Reads what <see cref="Write"/> wrote, or any <c>tokenizer.json</c>.</summary>
    /// <param name="stream">Read to its end; left open.</param>
    /// <param name="nameForErrors">The name that error messages give the stream.</param>
    /// <exception cref="InvalidDataException">The content is damaged; the message names it and the place.</exception>
    /// <exception cref="NotSupportedException">The content asks for something that is not supported; the message names it.</exception>
    public static TextTokenizer Read(Stream stream, string nameForErrors)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(nameForErrors);
        return new TextTokenizer(TokenizerJsonReader.Read(TokenizerBytes.ReadAll(stream, nameForErrors)));
    }

    /// <summary>
    /// Takes over a tokenizer of the Microsoft.ML.Tokenizers data packages, as <c>TiktokenTokenizer.CreateForModel</c> or
    /// <c>CreateForEncoding</c> makes it. The data package that it came from must be referenced.
    /// </summary>
    /// <param name="tokenizer">A <see cref="TiktokenTokenizer"/> of encoding gpt2, r50k_base, p50k_base, cl100k_base or o200k_base.</param>
    /// <exception cref="NotSupportedException">The tokenizer is of another kind: its vocabulary cannot be read off it.</exception>
    public static TextTokenizer From(Tokenizer tokenizer) => new(TokenizerDataPackage.DefinitionOf(tokenizer));

    /// <summary>Writes the tokenizer in the <c>tokenizer.json</c> schema, whatever format it came from.</summary>
    /// <param name="stream">Written from its position on; left open.</param>
    public void Write(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        TokenizerJsonWriter.Write(Definition, stream);
    }

    /// <summary>
    /// Writes <c>tokenizer.json</c> and <c>tokenizer_config.json</c>, and for byte-level byte pairs <c>vocab.json</c> and
    /// <c>merges.txt</c>, which Hugging Face's libraries read too. A file of the same name is replaced only when its
    /// successor is complete.
    /// </summary>
    /// <param name="directory">Created if it does not exist.</param>
    public void Save(string directory)
    {
        ArgumentNullException.ThrowIfNull(directory);
        TokenizerFiles.Save(Definition, _preTokenization.ByteLevel, directory);
    }

    /// <summary>Encodes text; spellings of special tokens in it are ordinary text, and none is added.</summary>
    /// <param name="text">Any string, the empty one included.</param>
    /// <returns>The ids; none for empty text.</returns>
    public int[] Encode(string text) => Encode(text, allowSpecialTokens: false);

    /// <inheritdoc cref="Encode(string)"/>
    public int[] Encode(ReadOnlySpan<char> text) => Encode(text, allowSpecialTokens: false);

    /// <summary>Encodes text.</summary>
    /// <param name="text">Any string, the empty one included.</param>
    /// <param name="allowSpecialTokens">Whether spellings of special tokens become their ids. Only for text that is trusted.</param>
    /// <returns>The ids; none for empty text.</returns>
    public int[] Encode(string text, bool allowSpecialTokens)
    {
        ArgumentNullException.ThrowIfNull(text);
        return EncodeAll(UnicodeText.ReplaceLoneSurrogates(text), allowSpecialTokens ? _allTokens : _textTokens, _algorithm.Append);
    }

    /// <inheritdoc cref="Encode(string, bool)"/>
    public int[] Encode(ReadOnlySpan<char> text, bool allowSpecialTokens) => Encode(text.ToString(), allowSpecialTokens);

    /// <summary>Encodes a text, or two, with the special tokens that the model was trained to see around them: LLaMA's
    /// <c>&lt;s&gt;</c>, BERT's <c>[CLS]</c> first <c>[SEP]</c> second <c>[SEP]</c>.</summary>
    /// <param name="text">Any string; special tokens' spellings are ordinary text.</param>
    /// <param name="pair">A second text, or null.</param>
    public FramedTokens EncodeFramed(string text, string? pair = null) => Frame(Encode(text), pair is null ? null : Encode(pair));

    /// <summary>Puts special tokens around ids as <see cref="EncodeFramed"/> does, for callers that shorten them first.</summary>
    /// <param name="ids">The ids of a text.</param>
    /// <param name="pairIds">The ids of a second text, or null.</param>
    public FramedTokens Frame(IReadOnlyList<int> ids, IReadOnlyList<int>? pairIds = null)
    {
        ArgumentNullException.ThrowIfNull(ids);
        return _framing.Frame(ids, pairIds);
    }

    /// <summary>Encodes a text that goes on: with the special tokens of <see cref="EncodeFramed"/> that stand before it, and
    /// none after it.</summary>
    /// <param name="text">Any string; special tokens' spellings are ordinary text.</param>
    public int[] EncodeBeginning(string text) => [.. _framing.BeforeText, .. Encode(text)];

    /// <summary>Encodes text as augmentation for training: each merge is skipped with some probability, so that the same
    /// text comes in other, smaller pieces each time (BPE dropout; Provilkov, Emelianenko, Voita 2020).</summary>
    /// <param name="text">Any string; special tokens' spellings are ordinary text.</param>
    /// <param name="dropout">From 0 (the same ids as <see cref="Encode(string)"/>) to 1 (single bytes or characters); 0.1 is usual.</param>
    /// <param name="random">The source of chance: equal states give equal ids.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="dropout"/> is not from 0 to 1.</exception>
    /// <exception cref="NotSupportedException">The tokenizer is not of byte pairs: it has no merges.</exception>
    public int[] EncodeWithDropout(string text, double dropout, Random random)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(random);
        if (!(dropout >= 0 && dropout <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(dropout), dropout, "The probability of skipping a merge should be from 0 to 1.");
        }

        if (_algorithm is not IMergingAlgorithm merging)
        {
            throw new NotSupportedException(
                $"Dropout skips the merges of byte-pair encoding (model type 'BPE'); the tokenizer {_definition.Source} is of another type and has no merges.");
        }

        return dropout == 0
            ? Encode(text)
            : EncodeAll(UnicodeText.ReplaceLoneSurrogates(text), _textTokens, (piece, ids) => merging.Append(piece, ids, dropout, random));
    }

    /// <summary>How many ids <see cref="Encode(string)"/> gives for the text.</summary>
    /// <param name="text">Any string.</param>
    public int Count(string text) => Encode(text).Length;

    /// <summary>The text that ids stand for. Bytes that are not valid UTF-8 become U+FFFD.</summary>
    /// <param name="ids">Ids from 0 on. An id without a token (a gap in the vocabulary, or a row that only pads a model's
    /// embedding) adds nothing.</param>
    /// <param name="skipSpecialTokens">Whether special tokens are left out rather than spelled.</param>
    /// <exception cref="ArgumentOutOfRangeException">An id is negative.</exception>
    public string Decode(IEnumerable<int> ids, bool skipSpecialTokens)
    {
        ArgumentNullException.ThrowIfNull(ids);
        TokenStreamDecoder decoder = new(_tokens, _decoder, skipSpecialTokens);
        foreach (int id in ids)
        {
            decoder.Feed(id);
        }

        return decoder.Flush();
    }

    /// <summary>The text that ids stand for, special tokens spelled out.</summary>
    /// <inheritdoc cref="Decode(IEnumerable{int}, bool)"/>
    public string Decode(IEnumerable<int> ids) => Decode(ids, skipSpecialTokens: false);

    /// <summary>Decodes ids one by one, as they are generated.</summary>
    /// <param name="skipSpecialTokens">Whether special tokens are left out rather than spelled.</param>
    /// <param name="precedingIds">The ids before the first one, of which no text is given back; they decide, for example,
    /// whether the first word has a space before it. Null where the text begins.</param>
    public TokenStreamDecoder CreateStreamDecoder(bool skipSpecialTokens = true, IEnumerable<int>? precedingIds = null)
    {
        TokenStreamDecoder decoder = new(_tokens, _decoder, skipSpecialTokens);
        foreach (int id in precedingIds ?? [])
        {
            decoder.Feed(id);
        }

        decoder.Take();
        return decoder;
    }

    /// <summary>A token as the vocabulary spells it: a special token as it is, byte-level ones in GPT-2's characters.</summary>
    /// <param name="id">From 0 to <see cref="VocabularySize"/> - 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">No token has the id.</exception>
    public string TokenOf(int id) => _tokens.TryGet(id, out string token, out _)
        ? token
        : throw new ArgumentOutOfRangeException(nameof(id), id, $"Ids of tokens are from 0 to {VocabularySize - 1}, and this one has no token.");

    private int? IdOf(SpecialTokenRole role) => Roles[role] is string token ? IdOf(token) : null;

    private int? IdOf(string token) =>
        SpecialTokens.TryGetValue(token, out int id) || _definition.Model.Vocabulary.TryGetValue(token, out id) ? id : null;

    private int[] EncodeAll(string text, AddedTokenFinder addedTokens, Action<ReadOnlySpan<char>, List<int>> append)
    {
        List<int> ids = new(text.Length / 3 + 1);
        addedTokens.Split(
            text,
            token => ids.Add(token.Id),
            (part, beginsInput) => EncodePart(part, beginsInput, append, ids));
        return ids.ToArray();
    }

    private void EncodePart(string normalized, bool beginsInput, Action<ReadOnlySpan<char>, List<int>> append, List<int> ids)
    {
        PieceList pieces = new(normalized, [0..normalized.Length], beginsInput);
        foreach (IPieceStep step in _preTokenization.Steps)
        {
            pieces = step.Apply(pieces);
        }

        foreach (Range piece in pieces.Ranges)
        {
            append(pieces[piece], ids);
        }
    }
}
