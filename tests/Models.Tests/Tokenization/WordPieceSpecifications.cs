using FsCheck;
using FsCheck.Fluent;

namespace MLNetLlm.Models.Tests.Tokenization;

public sealed class WordPieceSpecifications
{
    private static readonly Lazy<TextTokenizer> BertTokenizer = new(() => TextTokenizer.Load(TokenizerTestData.SharedFile("bert_base_uncased_vocab.txt")));

    // Published with the model: ids from the documentation of bert-base-uncased and from well-known examples.
    [SkippableTheory]
    [InlineData("Hello, my dog is cute", new[] { 7592, 1010, 2026, 3899, 2003, 10140 })]
    [InlineData("Hello world!", new[] { 7592, 2088, 999 })]
    [InlineData("Replace me by any text you'd like.", new[] { 5672, 2033, 2011, 2151, 3793, 2017, 1005, 1040, 2066, 1012 })]
    [InlineData("Using a Transformer network is simple", new[] { 2478, 1037, 10938, 2121, 2897, 2003, 3722 })]
    public void Published_examples_have_their_ids(string text, int[] ids)
    {
        Assert.Equal(ids, BertTokenizer.Value.Encode(text));
        FramedTokens framed = BertTokenizer.Value.EncodeFramed(text);
        Assert.Equal([101, .. ids, 102], framed.Ids);
        Assert.All(framed.TokenTypeIds, type => Assert.Equal(0, type));
    }

    [SkippableFact]
    public void A_pair_is_framed_with_token_types()
    {
        FramedTokens framed = BertTokenizer.Value.EncodeFramed("hello", "world");

        Assert.Equal([101, 7592, 102, 2088, 102], framed.Ids);
        Assert.Equal([0, 0, 0, 1, 1], framed.TokenTypeIds);
    }

    [SkippableFact]
    public void Roles_have_their_ids()
    {
        TextTokenizer bert = BertTokenizer.Value;
        Assert.Equal((0, 100, 101, 102, 103), (bert.PaddingId, bert.UnknownId, bert.ClassifierId, bert.SeparatorId, bert.MaskId));
        Assert.Equal(30522, bert.VocabularySize);
        Assert.True(bert.HasFrame);
    }

    [Fact]
    public void Ids_are_those_of_a_literal_second_implementation()
    {
        TextTokenizer tokenizer = TokenizerKinds.Get("word-piece");
        AssertLiteral(tokenizer, TokenizerKinds.WordPieceWords.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries), lowerCase: true);
    }

    [SkippableFact]
    public void Berts_own_ids_are_those_of_a_literal_second_implementation() =>
        AssertLiteral(BertTokenizer.Value, File.ReadAllLines(TokenizerTestData.SharedFile("bert_base_uncased_vocab.txt")), lowerCase: true);

    [Fact]
    public void The_configuration_decides_about_case_accents_and_ideographs()
    {
        using TemporaryDirectory directory = new();
        File.WriteAllLines(directory.File("vocab.txt"), ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "cafe", "café", "Cafe", "世界", "世", "界", "<mask>"]);
        Assert.Equal([4], TextTokenizerOf("""{ "do_lower_case": true }""").Encode("CAFÉ"));
        Assert.Equal([5], TextTokenizerOf("""{ "do_lower_case": true, "strip_accents": false }""").Encode("CAFÉ"));
        Assert.Equal([6], TextTokenizerOf("""{ "do_lower_case": false }""").Encode("Cafe"));
        Assert.Equal([6], TextTokenizerOf("{}").Encode("Cafe"));
        Assert.Equal([8, 9], TextTokenizerOf("{}").Encode("世界"));
        Assert.Equal([7], TextTokenizerOf("""{ "tokenize_chinese_chars": false }""").Encode("世界"));
        Assert.Equal(10, TextTokenizerOf("""{ "mask_token": { "content": "<mask>" } }""").MaskId);

        TextTokenizer TextTokenizerOf(string configuration)
        {
            File.WriteAllText(directory.File("tokenizer_config.json"), configuration);
            return TextTokenizer.Load(directory.Path);
        }
    }

    [Theory]
    [InlineData("[UNK]\na\n\nb\n", "line 3", "empty")]
    [InlineData("[UNK]\na\nb\na\n", "line 4", "'a' is line 2")]
    [InlineData("a\nb\n", "'[UNK]'", "unknown token")]
    [InlineData("", "at least one token", "empty")]
    public void A_vocabulary_file_that_is_none_is_refused_with_its_name_and_line(string content, string line, string expected)
    {
        using TemporaryDirectory directory = new();
        File.WriteAllText(directory.File("vocab.txt"), content);

        InvalidDataException error = Assert.Throws<InvalidDataException>(() => TextTokenizer.Load(directory.Path));

        Assert.Contains(directory.File("vocab.txt"), error.Message);
        Assert.Contains(line, error.Message);
        Assert.Contains(expected, error.Message);
    }

    [Fact]
    public void Windows_line_ends_are_no_part_of_tokens()
    {
        using TemporaryDirectory directory = new();
        File.WriteAllText(directory.File("vocab.txt"), "[UNK]\r\nhello\r\n");
        Assert.Equal([1], TextTokenizer.Load(directory.Path).Encode("hello"));
    }

    [Fact]
    public void Words_longer_than_the_limit_are_unknown_and_characters_count_not_their_halves()
    {
        TextTokenizer tokenizer = TokenizerKinds.Read("""
            { "pre_tokenizer": { "type": "WhitespaceSplit" },
              "model": { "type": "WordPiece", "unk_token": "[UNK]", "max_input_chars_per_word": 3, "vocab": { "[UNK]": 0, "😀": 1, "##😀": 2, "a": 3, "##a": 4 } } }
            """);
        Assert.Equal([1, 2, 2], tokenizer.Encode("😀😀😀"));
        Assert.Equal([0], tokenizer.Encode("😀😀😀😀"));
        Assert.Equal([3, 4, 4, 0], tokenizer.Encode("aaa aaaa"));
        Assert.Equal([0], tokenizer.Encode(new string('a', 3_000_000)));
    }

    [SkippableTheory]
    [InlineData("Hello, my dog is cute!", "hello, my dog is cute!")]
    [InlineData("unaffable tokenization", "unaffable tokenization")]
    [InlineData("Zürich", "zurich")]
    public void Decoding_joins_words_and_punctuation(string text, string expected)
    {
        TextTokenizer bert = BertTokenizer.Value;
        Assert.Equal(expected, bert.Decode(bert.Encode(text)));
        Assert.Equal(expected, bert.Decode(bert.EncodeFramed(text).Ids, skipSpecialTokens: true));
        Assert.Equal($"[CLS] {expected} [SEP]", bert.Decode(bert.EncodeFramed(text).Ids));
    }

    private static void AssertLiteral(TextTokenizer tokenizer, string[] tokens, bool lowerCase)
    {
        Dictionary<string, int> ids = tokens.Select((token, id) => (token, id)).ToDictionary(entry => entry.token, entry => entry.id);
        HashSet<string> vocabulary = [.. tokens];
        Prop.ForAll(TokenizerTexts.OfWords, text =>
        {
            int[] expected = LiteralWordPiece.Encode(text, vocabulary, lowerCase).Select(token => ids[token]).ToArray();
            int[] actual = tokenizer.Encode(text);
            Assert.True(expected.SequenceEqual(actual), $"'{text}': expected {string.Join(' ', expected)}, found {string.Join(' ', actual)}");
        }).QuickCheckThrowOnFailure();
    }
}
