using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;

namespace Packages.Tokenizers.Tests;

public sealed class BpeTokenizerSpecifications
{
    private static readonly string[] Merges = ["l o", "lo w", "e r", "n e", "ne w"];

    private static readonly Dictionary<string, int> Letters = new()
    {
        ["l"] = 0, ["o"] = 1, ["w"] = 2, ["e"] = 3, ["r"] = 4, ["n"] = 5, ["s"] = 6, ["t"] = 7,
        ["lo"] = 8, ["low"] = 9, ["er"] = 10, ["ne"] = 11, ["new"] = 12, ["<unk>"] = 13,
    };

    private static readonly Regex AnyText = new(@"[\s\S]+");

    [Fact]
    public void Merges_apply_best_first()
    {
        BpeTokenizer tokenizer = Create();

        Assert.Equal([9, 10], tokenizer.EncodeToIds("lower"));
        Assert.Equal([12, 3, 6, 7], tokenizer.EncodeToIds("newest"));
        Assert.Equal([9, 12], tokenizer.EncodeToIds("low new"));
        Assert.Equal(3, tokenizer.CountTokens("lower new"));
        Assert.Equal("lowernew", tokenizer.Decode(tokenizer.EncodeToIds("lower new")));
    }

    [Fact]
    public void Tokens_say_where_they_come_from()
    {
        IReadOnlyList<EncodedToken> tokens = Create().EncodeToTokens("low newer", out string? normalized);

        Assert.Null(normalized);
        Assert.Equal(
            [new EncodedToken(9, "low", 0..3), new EncodedToken(12, "new", 4..7), new EncodedToken(10, "er", 7..9)],
            tokens);
    }

    [Fact]
    public void A_limit_of_tokens_stops_and_tells_where()
    {
        BpeTokenizer tokenizer = Create();

        Assert.Equal([9, 12], tokenizer.EncodeToIds("low newer", 2, out _, out int consumed));
        Assert.Equal(7, consumed);
        Assert.Equal(7, tokenizer.GetIndexByTokenCount("low newer", 2, out _, out int count));
        Assert.Equal(2, count);
        Assert.Equal(4, tokenizer.GetIndexByTokenCountFromEnd("low newer", 2, out _, out count));
        Assert.Equal(2, count);
        Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.EncodeToIds("low", 0, out _, out _));
    }

    [Fact]
    public void What_the_vocabulary_lacks_is_dropped_or_becomes_the_unknown_token()
    {
        Assert.Equal([9], Create().EncodeToIds("xlowx"));
        Assert.Equal([13, 13, 9, 13], Create(options => options.UnknownToken = "<unk>").EncodeToIds("xxlowx"));
        Assert.Equal([13, 9, 13], Create(options =>
        {
            options.UnknownToken = "<unk>";
            options.FuseUnknownTokens = true;
        }).EncodeToIds("xxlowx"));
        Assert.Throws<InvalidOperationException>(() => Create(options => options.UnknownToken = "<other>"));
    }

    [Fact]
    public void Normalization_and_pre_tokenization_can_be_left_out()
    {
        BpeTokenizer tokenizer = Create(options => options.Normalizer = new LowerCaseNormalizer());

        Assert.Equal([9], tokenizer.EncodeToIds("LOW"));
        Assert.Empty(tokenizer.EncodeToIds("LOW", considerNormalization: false));
        tokenizer.EncodeToTokens("LOW", out string? normalized);
        Assert.Equal("low", normalized);
    }

    [Fact]
    public void Marks_of_words_ends_and_continuations_are_taken_off_again()
    {
        BpeTokenizer tokenizer = BpeTokenizer.Create(new BpeOptions(new Dictionary<string, int> { ["a"] = 0, ["b</w>"] = 1, ["ab</w>"] = 2, ["a</w>"] = 3 })
        {
            Merges = ["a b</w>"],
            EndOfWordSuffix = "</w>",
        });

        Assert.Equal([2, 3], tokenizer.EncodeToIds("ab a"));
        Assert.Equal("ab a", tokenizer.Decode([2, 3]));
    }

    [Fact]
    public void Byte_level_text_comes_back_whatever_characters_it_has()
    {
        BpeTokenizer tokenizer = ByteLevel();
        foreach (string text in new[] { "plain", "nul \0 nul", "Zürich 你好 😀\r\n", "\u0100\u00A0" })
        {
            IReadOnlyList<int> ids = tokenizer.EncodeToIds(text);
            Assert.Equal(Encoding.UTF8.GetByteCount(text), ids.Count);
            Assert.Equal(text, tokenizer.Decode(ids));
            char[] buffer = new char[64];
            Assert.Equal(OperationStatus.Done, tokenizer.Decode(ids, buffer, out int consumed, out int written));
            Assert.Equal(ids.Count, consumed);
            Assert.Equal(text, new string(buffer, 0, written));
        }
    }

    [Fact]
    public void Byte_level_decoding_into_a_buffer_says_what_is_wrong()
    {
        BpeTokenizer tokenizer = ByteLevel();
        IReadOnlyList<int> ids = tokenizer.EncodeToIds("aé");

        Assert.Equal(OperationStatus.DestinationTooSmall, tokenizer.Decode(ids, new char[1], out int consumed, out int written));
        Assert.Equal((1, 1), (consumed, written));
        Assert.Equal(OperationStatus.InvalidData, tokenizer.Decode([ids[2]], new char[9], out _, out _));
        Assert.Equal(OperationStatus.InvalidData, tokenizer.Decode([9999], new char[9], out _, out _));
        Assert.Equal("a\uFFFD", tokenizer.Decode([ids[0], ids[1], 9999]));
    }

    [Fact]
    public void A_lone_surrogate_is_not_mended_by_the_package()
    {
        BpeTokenizer tokenizer = ByteLevel();
        Assert.Equal("\uFFFD\uFFFD\uFFFD", tokenizer.Decode(tokenizer.EncodeToIds("\uD83D")));
    }

    [Fact]
    public void Special_tokens_are_whole_pieces()
    {
        Dictionary<string, int> special = new() { ["<s>"] = 500 };
        BpeTokenizer tokenizer = Create(options =>
        {
            options.SpecialTokens = special;
            options.PreTokenizer = PreTokenizer.CreateWordOrNonWord(special);
            options.BeginningOfSentenceToken = "<s>";
        });

        Assert.Equal([500, 9, 500], tokenizer.EncodeToIds("low<s>"));
        Assert.Equal("<s>low<s>", tokenizer.Decode([500, 9, 500]));
        Assert.Equal("low", tokenizer.Decode([500, 9, 500], considerSpecialTokens: false));
        Assert.Equal(special, tokenizer.SpecialTokens);
        Assert.Empty(tokenizer.EncodeToIds(""));
    }

    [Fact]
    public void A_vocabulary_that_does_not_hold_its_merges_is_refused()
    {
        Assert.Throws<InvalidOperationException>(() => Create(options => options.Merges = ["l x"]));
        Assert.Throws<InvalidOperationException>(() => Create(options => options.Merges = ["lo"]));
        Assert.Throws<InvalidOperationException>(() => BpeTokenizer.Create(new BpeOptions(new Dictionary<string, int>())));
        Assert.Throws<ArgumentNullException>(() => BpeTokenizer.Create((BpeOptions)null!));
        Assert.Throws<ArgumentException>(() => new BpeOptions("absent-vocabulary.json"));
    }

    [SkippableFact]
    public void The_files_of_gpt2_give_its_published_ids()
    {
        BpeOptions options = new(SharedData.File("encoder.json"), SharedData.File("vocab.bpe"))
        {
            ByteLevel = true,
            PreTokenizer = new RegexPreTokenizer(new Regex(@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"), null),
        };
        BpeTokenizer tokenizer = BpeTokenizer.Create(options);

        Assert.Equal([15496, 11, 995, 0], tokenizer.EncodeToIds("Hello, world!"));
        Assert.Equal(5145, tokenizer.CountTokens(SharedData.Text("the-verdict.txt")));
        Assert.Equal(["Hello", ",", "Ġworld", "!"], tokenizer.EncodeToTokens("Hello, world!", out _).Select(token => token.Value));
        Assert.Equal([0..5, 5..6, 6..12, 12..13], tokenizer.EncodeToTokens("Hello, world!", out _).Select(token => token.Offset));
        Assert.Equal(50257, tokenizer.Vocabulary.Count);
    }

    private static BpeTokenizer Create(Action<BpeOptions>? configure = null)
    {
        BpeOptions options = new(Letters) { Merges = Merges };
        configure?.Invoke(options);
        return BpeTokenizer.Create(options);
    }

    private static BpeTokenizer ByteLevel()
    {
        IEnumerable<int> printable = Enumerable.Range(0, 256).Where(value => value is (>= 33 and <= 126) or (>= 161 and <= 172) or >= 174).ToList();
        IEnumerable<string> symbols = printable.Concat(Enumerable.Range(256, 256 - printable.Count())).Select(value => ((char)value).ToString());
        return BpeTokenizer.Create(new BpeOptions(symbols.Select((symbol, id) => KeyValuePair.Create(symbol, id)))
        {
            ByteLevel = true,
            PreTokenizer = new RegexPreTokenizer(AnyText, null),
        });
    }
}
