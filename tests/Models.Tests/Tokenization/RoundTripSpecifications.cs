using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace MLNetLlm.Models.Tests.Tokenization;

public sealed class RoundTripSpecifications
{
    private static readonly Gen<string> AnyValidText =
        Gen.OneOf(Gen.Choose(0, 0x7F), Gen.Choose(0, 0x7FF), Gen.Choose(0, 0xFFFF), Gen.Choose(0x10000, 0x10FFFF), Gen.Elements(0, 10, 13, 32, 9, 0xA0, 0x2028, 0xFFFD))
            .Where(Rune.IsValid)
            .ListOf()
            .Select(points => string.Concat(points.Select(point => new Rune(point).ToString())));

    private static readonly Gen<string> AnyCodeUnits =
        Gen.OneOf(Gen.Choose(0, 0xFFFF), Gen.Choose(0xD800, 0xDFFF), Gen.Choose('a', 'z')).ListOf()
            .Select(units => string.Concat(units.Select(unit => (char)unit)));

    [Fact]
    public void Any_valid_text_comes_back_exactly() =>
        Prop.ForAll(AnyValidText.ToArbitrary(), text =>
            TokenizerTestData.Small.Decode(TokenizerTestData.Small.Encode(text)) == text).QuickCheckThrowOnFailure();

    [Fact]
    public void Any_valid_text_comes_back_exactly_after_dropped_merges() =>
        Prop.ForAll(AnyValidText.ToArbitrary(), Gen.Choose(0, 10).ToArbitrary(), (text, tenths) =>
            TokenizerTestData.Small.Decode(TokenizerTestData.Small.EncodeWithDropout(text, tenths / 10.0, new Random(tenths))) == text).QuickCheckThrowOnFailure();

    [Fact]
    public void Any_code_units_come_back_with_lone_surrogates_replaced() =>
        Prop.ForAll(AnyCodeUnits.ToArbitrary(), text =>
        {
            string valid = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
            return TokenizerTestData.Small.Decode(TokenizerTestData.Small.Encode(text)) == valid;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Ids_lie_in_the_vocabulary_and_no_merge_lengthens_a_text() =>
        Prop.ForAll(AnyValidText.ToArbitrary(), text =>
        {
            int[] ids = TokenizerTestData.Small.Encode(text);
            return ids.Length <= Encoding.UTF8.GetByteCount(text)
                && ids.All(id => id >= 0 && id < TokenizerTestData.Small.VocabularySize)
                && TokenizerTestData.Small.Count(text) == ids.Length;
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("")]
    [InlineData("\0")]
    [InlineData("a\0b\0\0c")]
    [InlineData("line\r\nline\n\n\rline")]
    [InlineData("  leading and trailing  ")]
    [InlineData("👩‍👩‍👧‍👦 🏳️‍🌈 e\u0301 ﷽ 𝔘𝔫𝔦 \u202Eright to left\u202C")]
    [InlineData("\uFEFFbyte order mark \uFFFD\uFFFF")]
    public void These_texts_come_back_exactly(string text)
    {
        Assert.Equal(text, TokenizerTestData.Small.Decode(TokenizerTestData.Small.Encode(text)));
    }

    [SkippableTheory]
    [InlineData("a\0b\0\0c")]
    [InlineData("👩‍👩‍👧‍👦 你好 \r\n\t  naïve")]
    [InlineData("\uFFFD\u2028\u00A0x")]
    public void Gpt2s_vocabulary_round_trips_too(string text)
    {
        TextTokenizer gpt2 = TokenizerTestData.LoadGpt2();
        Assert.Equal(text, gpt2.Decode(gpt2.Encode(text)));
    }

    [Fact]
    public void A_lone_surrogate_becomes_the_replacement_character()
    {
        (string Text, string Expected)[] cases =
            [("\uD83D", "\uFFFD"), ("a\uDE00b", "a\uFFFDb"), ("\uDE00\uD83D", "\uFFFD\uFFFD"), ("\uD83D\uD83D\uDE00", "\uFFFD😀")];
        foreach ((string text, string expected) in cases)
        {
            Assert.Equal(expected, TokenizerTestData.Small.Decode(TokenizerTestData.Small.Encode(text)));
            Assert.Equal(TokenizerTestData.Small.Encode(expected), TokenizerTestData.Small.Encode(text));
        }
    }

    [Fact]
    public void Bytes_that_are_no_utf8_decode_to_the_replacement_character()
    {
        int[] emoji = TokenizerTestData.Small.EncodeWithDropout("😀", 1, new Random(0));
        Assert.Equal(4, emoji.Length);
        Assert.Equal("\uFFFD", TokenizerTestData.Small.Decode(emoji[..3]));
    }

    [Fact]
    public void An_id_without_a_token_adds_nothing_and_a_negative_one_is_an_error()
    {
        TextTokenizer tokenizer = TokenizerTestData.Small;
        int[] ids = [.. tokenizer.Encode("fox"), tokenizer.VocabularySize + 7];
        Assert.Equal("fox", tokenizer.Decode(ids));
        Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.Decode([-100]));
        Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.TokenOf(tokenizer.VocabularySize));
        Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.TokenOf(-1));
    }
}
