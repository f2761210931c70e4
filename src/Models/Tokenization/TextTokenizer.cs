using System.Text;
using Microsoft.ML.Tokenizers;

namespace MLNetLlm.Models;

/// <summary>
/// Text to token ids and back, by byte-level byte-pair encoding. Immutable and safe to use from any number of threads.
/// </summary>
/// <remarks>
/// <para>Every string is representable: encoding then decoding gives back any valid Unicode text exactly, NUL characters
/// and emoji included. A surrogate without its partner, which is not valid Unicode, becomes U+FFFD.</para>
/// <para>Text is data: the spelling of a special token inside it is encoded as ordinary characters, unless a caller
/// allows special tokens.</para>
/// <para>Format: the <c>tokenizer.json</c> schema of Hugging Face with model type <c>BPE</c> and a <c>ByteLevel</c>
/// pre-tokenizer; GPT-2's <c>vocab.json</c> and <c>merges.txt</c>; OpenAI's <c>.tiktoken</c> files.</para>
/// </remarks>
public sealed class TextTokenizer
{
    // Microsoft.ML.Tokenizers needs time and copies that grow with the square of a piece's length: no matter for words,
    // seconds for a message of 100,000 letters without a space. Longer pieces than this are merged by our own code.
    private const int LongestPieceForPackage = 1_000;

    private readonly TokenizerDefinition _definition;

    // Of the package's classes, BpeTokenizer is the one that takes a vocabulary and merges from memory and knows byte-level
    // spelling. Its cache is bounded and locked. TiktokenTokenizer reads ranks from a stream only, and keeps its special
    // tokens in the same cache as words, from which they are evicted. Special tokens and pre-tokenization stay outside of
    // it here, because it parses a piece that equals a special token even where the text is only data, it writes lone
    // surrogates as bytes that do not decode, and characters between two matches of an expression would be lost.
    private readonly BpeTokenizer _bpe;
    private readonly Lazy<BytePairMerger> _merger;
    private readonly string?[] _tokens;
    private readonly Dictionary<int, AddedToken> _addedTokens;
    private readonly AddedTokenSplitter _textTokens;
    private readonly AddedTokenSplitter _allTokens;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _wholePieces;

    internal TextTokenizer(TokenizerDefinition definition)
    {
        _definition = definition;
        _bpe = BpeTokenizer.Create(new BpeOptions(definition.Vocabulary)
        {
            Merges = definition.Merges.Select(merge => $"{merge.Left} {merge.Right}"),
            ByteLevel = true,
        });
        _merger = new Lazy<BytePairMerger>(() => new BytePairMerger(definition));
        _addedTokens = definition.AddedTokens.ToDictionary(token => token.Id);
        _textTokens = new AddedTokenSplitter(definition.AddedTokens.Where(token => !token.Special));
        _allTokens = new AddedTokenSplitter(definition.AddedTokens);
        _wholePieces = new Dictionary<string, int>(definition.WholePiecesFirst ? definition.Vocabulary : [], StringComparer.Ordinal)
            .GetAlternateLookup<ReadOnlySpan<char>>();

        SpecialTokens = definition.AddedTokens.Where(token => token.Special)
            .ToDictionary(token => token.Content, token => token.Id, StringComparer.Ordinal).AsReadOnly();
        VocabularySize = 1 + Math.Max(definition.Vocabulary.Values.Max(), definition.AddedTokens.Select(token => token.Id).DefaultIfEmpty().Max());
        _tokens = new string?[VocabularySize];
        foreach ((string token, int id) in definition.Vocabulary)
        {
            _tokens[id] = token;
        }

        foreach (AddedToken token in definition.AddedTokens)
        {
            _tokens[token.Id] = token.Content;
        }

        SpecialTokenRoles roles = definition.Roles.Or(SpecialTokenRoles.OfUsualNames(SpecialTokens.Keys));
        BeginningOfTextId = IdOf(roles.BeginningOfText);
        EndOfTextId = IdOf(roles.EndOfText);
        PaddingId = IdOf(roles.Padding);
    }

    /// <summary>One more than the highest id: the number of embedding rows that a model of these tokens needs.</summary>
    public int VocabularySize { get; }

    /// <summary>The id of the token that ends a text (for example <c>&lt;|endoftext|&gt;</c>), or null without one.</summary>
    public int? EndOfTextId { get; }

    /// <summary>The id of the token that begins a text, or null without one.</summary>
    public int? BeginningOfTextId { get; }

    /// <summary>The id of the padding token, or null without one.</summary>
    public int? PaddingId { get; }

    /// <summary>The special tokens as they are written, with their ids.</summary>
    public IReadOnlyDictionary<string, int> SpecialTokens { get; }

    internal TokenizerDefinition Definition => _definition;

    /// <summary>
    /// Loads a tokenizer from a directory (<c>tokenizer.json</c>, or <c>vocab.json</c> with <c>merges.txt</c>, or
    /// <c>encoder.json</c> with <c>vocab.bpe</c>, or one <c>.tiktoken</c> file; special tokens' roles from
    /// <c>tokenizer_config.json</c>) or from one of these files.
    /// </summary>
    /// <param name="path">A directory or file.</param>
    /// <exception cref="FileNotFoundException">There is no such file, or the directory holds no tokenizer.</exception>
    /// <exception cref="InvalidDataException">A file is damaged; the message names it and the byte offset.</exception>
    /// <exception cref="NotSupportedException">The file holds another kind of tokenizer; the message names the kind.</exception>
    public static TextTokenizer Load(string path) => new(TokenizerFiles.Load(path));

    /// <summary>Reads what <see cref="Write"/> wrote, or any <c>tokenizer.json</c> of a byte-level BPE tokenizer.</summary>
    /// <param name="stream">Read to its end; left open.</param>
    /// <param name="nameForErrors">The name that error messages give the stream.</param>
    /// <exception cref="InvalidDataException">The content is damaged; the message names it and the byte offset.</exception>
    /// <exception cref="NotSupportedException">The content is another kind of tokenizer; the message names the kind.</exception>
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

    /// <summary>Writes the tokenizer in the <c>tokenizer.json</c> schema.</summary>
    /// <param name="stream">Written from its position on; left open.</param>
    public void Write(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        TokenizerJsonWriter.Write(_definition with { Roles = Roles }, stream);
    }

    /// <summary>
    /// Writes <c>tokenizer.json</c>, <c>vocab.json</c>, <c>merges.txt</c> and <c>tokenizer_config.json</c>, which Hugging
    /// Face's libraries read too. A file of the same name is replaced only when its successor is complete.
    /// </summary>
    /// <param name="directory">Created if it does not exist.</param>
    public void Save(string directory)
    {
        ArgumentNullException.ThrowIfNull(directory);
        TokenizerFiles.Save(_definition with { Roles = Roles }, directory);
    }

    /// <summary>Encodes text; spellings of special tokens in it are ordinary text.</summary>
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
        return Encode(text.AsSpan(), allowSpecialTokens);
    }

    /// <inheritdoc cref="Encode(string, bool)"/>
    public int[] Encode(ReadOnlySpan<char> text, bool allowSpecialTokens)
    {
        List<int> ids = new(text.Length / 3 + 1);
        EncodeSegments(UnicodeText.ReplaceLoneSurrogates(text), allowSpecialTokens ? _allTokens : _textTokens, 0, null, ids);
        return ids.ToArray();
    }

    /// <summary>Encodes text as augmentation for training: each merge is skipped with some probability, so that the same
    /// text comes in other, smaller pieces each time (BPE dropout; Provilkov, Emelianenko, Voita 2020).</summary>
    /// <param name="text">Any string; special tokens' spellings are ordinary text.</param>
    /// <param name="dropout">From 0 (the same ids as <see cref="Encode(string)"/>) to 1 (one id per byte); 0.1 is usual.</param>
    /// <param name="random">The source of chance: equal states give equal ids.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="dropout"/> is not from 0 to 1.</exception>
    public int[] EncodeWithDropout(string text, double dropout, Random random)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(random);
        if (!(dropout >= 0 && dropout <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(dropout), dropout, "The probability of skipping a merge should be from 0 to 1.");
        }

        List<int> ids = new(text.Length / 2 + 1);
        EncodeSegments(UnicodeText.ReplaceLoneSurrogates(text), _textTokens, dropout, random, ids);
        return ids.ToArray();
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
        StringBuilder text = new();
        List<int> run = [];
        foreach (int id in ids)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(id, nameof(ids));
            if (!_addedTokens.TryGetValue(id, out AddedToken? added))
            {
                run.Add(id);
            }
            else if (!added.Special || !skipSpecialTokens)
            {
                text.Append(_bpe.Decode(run)).Append(added.Content);
                run.Clear();
            }
        }

        return text.Append(_bpe.Decode(run)).ToString();
    }

    /// <summary>The text that ids stand for, special tokens spelled out.</summary>
    /// <inheritdoc cref="Decode(IEnumerable{int}, bool)"/>
    public string Decode(IEnumerable<int> ids) => Decode(ids, skipSpecialTokens: false);

    /// <summary>A token as the vocabulary spells it: a special token as it is, others in GPT-2's byte-level characters.</summary>
    /// <param name="id">From 0 to <see cref="VocabularySize"/> - 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">No token has the id.</exception>
    public string TokenOf(int id) =>
        (uint)id < (uint)_tokens.Length && _tokens[id] is string token
            ? token
            : throw new ArgumentOutOfRangeException(nameof(id), id, $"Ids of tokens are from 0 to {VocabularySize - 1}, and this one has no token.");

    private SpecialTokenRoles Roles => new(SpellingOf(BeginningOfTextId), SpellingOf(EndOfTextId), SpellingOf(PaddingId));

    private string? SpellingOf(int? id) => id is int value ? _tokens[value] : null;

    private int? IdOf(string? specialToken) =>
        specialToken is not null && SpecialTokens.TryGetValue(specialToken, out int id) ? id : null;

    private void EncodeSegments(ReadOnlySpan<char> text, AddedTokenSplitter splitter, double dropout, Random? random, List<int> ids)
    {
        while (splitter.TryFindFirst(text, out int index, out AddedToken? token))
        {
            EncodePieces(text[..index], dropout, random, ids);
            ids.Add(token!.Id);
            text = text[(index + token.Content.Length)..];
        }

        EncodePieces(text, dropout, random, ids);
    }

    private void EncodePieces(ReadOnlySpan<char> text, double dropout, Random? random, List<int> ids)
    {
        foreach (Range range in _definition.Pattern.Split(text))
        {
            ReadOnlySpan<char> piece = text[range];
            if (dropout > 0 || piece.Length > LongestPieceForPackage)
            {
                _merger.Value.Append(Encoding.UTF8.GetBytes(piece.ToString()), ids, dropout, random);
            }
            else if (_definition.WholePiecesFirst
                && _wholePieces.TryGetValue(ByteAlphabet.Spell(Encoding.UTF8.GetBytes(piece.ToString())), out int whole))
            {
                ids.Add(whole);
            }
            else
            {
                ids.AddRange(_bpe.EncodeToIds(piece, considerPreTokenization: false, considerNormalization: false));
            }
        }
    }
}
