using FsCheck;
using FsCheck.Fluent;

namespace MLNetLlm.Models.Tests.Tokenization;

public sealed class SentencePieceSpecifications
{
    // From the documentation of T5: the examples of its page, with the end of text that the model expects.
    [SkippableTheory]
    [InlineData("translate English to German: The house is wonderful.", new[] { 13959, 1566, 12, 2968, 10, 37, 629, 19, 1627, 5, 1 })]
    [InlineData("Das Haus ist wunderbar.", new[] { 644, 4598, 229, 19250, 5, 1 })]
    [InlineData("Hello world", new[] { 8774, 296, 1 })]
    public void T5s_published_examples_have_their_ids_in_both_of_its_formats(string text, int[] ids)
    {
        Assert.Equal(ids, TokenizerKinds.Get("t5_spiece.model").EncodeFramed(text).Ids);
        Assert.Equal(ids, TokenizerKinds.Get("t5_small/tokenizer.json").EncodeFramed(text).Ids);
    }

    [SkippableTheory]
    [InlineData("Hello, world!", new[] { 1, 15043, 29892, 3186, 29991 })]
    [InlineData("Hello", new[] { 1, 15043 })]
    [InlineData(" Hello", new[] { 1, 29871, 15043 })]
    [InlineData("\n  =", new[] { 1, 29871, 13, 29871, 353 })]
    [InlineData("生活的真谛是", new[] { 1, 29871, 30486, 31704, 30210, 30848, 235, 179, 158, 30392 })]
    public void Llama_2s_published_examples_have_their_ids(string text, int[] ids)
    {
        Assert.Equal(ids, TokenizerKinds.Get("llama2_tokenizer.model").EncodeFramed(text).Ids);
    }

    [SkippableFact]
    public void Byte_pairs_have_the_ids_of_a_literal_second_implementation()
    {
        TextTokenizer tokenizer = TokenizerKinds.Get("llama2_tokenizer.model");
        LiteralSentencePiece literal = new(TokenizerTestData.SharedFile("llama2_tokenizer.model"));
        Prop.ForAll(TokenizerTexts.OfAnything, text => Same(literal.BytePairs("▁" + Valid(text).Replace(' ', '▁')), tokenizer.Encode(text), text)).QuickCheckThrowOnFailure();
    }

    [SkippableFact]
    public void Unigrams_have_the_ids_of_a_literal_second_implementation()
    {
        TextTokenizer fromModel = TokenizerKinds.Get("t5_spiece.model");
        TextTokenizer fromJson = TokenizerKinds.Get("t5_small/tokenizer.json");
        LiteralSentencePiece literal = new(TokenizerTestData.SharedFile("t5_spiece.model"));
        Prop.ForAll(TokenizerTexts.OfWords, text =>
        {
            // Text that the model's own replacements leave as it is, with single spaces: what the literal one starts from.
            string plain = string.Join(' ', text.Where(unit => unit is >= ' ' and <= '~' or >= 'а' and <= 'я' or 'é' or 'ü').Aggregate("", (all, unit) => all + unit)
                .Split(' ', StringSplitOptions.RemoveEmptyEntries));
            int[] expected = plain.Length == 0 ? [] : literal.Unigrams("▁" + plain.Replace(' ', '▁'));
            Same(expected, fromModel.Encode(plain), plain);
            Same(expected, fromJson.Encode(plain), plain);
        }).QuickCheckThrowOnFailure();
    }

    [SkippableTheory]
    [InlineData("①ｶﾀｶﾅﬀ⁰", "1カタカナff0")]
    [InlineData("e\u0301 Å", "é Å")]
    [InlineData("  two\t\n words\u00A0here  ", "two words here")]
    [InlineData("\u200Bzero\u200Dwidth", "zerowidth")]
    public void The_models_own_replacements_come_first(string text, string replaced)
    {
        TextTokenizer t5 = TokenizerKinds.Get("t5_spiece.model");
        if (text.Contains('\u200B'))
        {
            Assert.Equal(t5.Encode("zero width").Length, t5.Encode(text).Length);
            return;
        }

        Assert.Equal(t5.Encode(replaced), t5.Encode(text));
    }

    [SkippableFact]
    public void Unknown_characters_in_a_row_are_one_unknown_token()
    {
        TextTokenizer t5 = TokenizerKinds.Get("t5_spiece.model");
        Assert.Equal([3, 2], t5.Encode("东京"));
        Assert.Equal(2, t5.UnknownId);
    }

    [SkippableFact]
    public void Special_pieces_are_found_only_where_the_caller_allows_it()
    {
        foreach (string name in new[] { "llama2_tokenizer.model", "t5_spiece.model", "t5_small/tokenizer.json" })
        {
            TextTokenizer tokenizer = TokenizerKinds.Get(name);
            int end = tokenizer.EndOfTextId!.Value;
            Assert.DoesNotContain(end, tokenizer.Encode("a</s>b"));
            Assert.Contains(end, tokenizer.Encode("a</s>b", allowSpecialTokens: true));
        }
    }

    [SkippableFact]
    public void A_model_and_the_json_of_the_same_vocabulary_agree()
    {
        TextTokenizer fromModel = TokenizerKinds.Get("t5_spiece.model");
        TextTokenizer fromJson = TokenizerKinds.Get("t5_small/tokenizer.json");
        Assert.Equal(32000, fromModel.VocabularySize);
        Assert.Equal(32100, fromJson.VocabularySize);
        Assert.Equal((1, 0, 2), (fromModel.EndOfTextId, fromModel.PaddingId, fromModel.UnknownId));
        Assert.Null(fromModel.BeginningOfTextId);
        using TemporaryDirectory directory = new();
        File.Copy(TokenizerTestData.SharedFile("t5_spiece.model"), directory.File("spiece.model"));
        File.Copy(TokenizerTestData.SharedFile("t5_small", "tokenizer.json"), directory.File("tokenizer.json"));
        Assert.Equal(32100, TextTokenizer.Load(directory.Path).VocabularySize);
    }

    [SkippableFact]
    public void A_file_cut_off_anywhere_is_refused_with_its_name_and_a_place()
    {
        byte[] good = File.ReadAllBytes(TokenizerTestData.SharedFile("t5_spiece.model"));
        using TemporaryDirectory directory = new();
        string path = directory.File("tokenizer.model");
        Random random = new(3);
        for (int trial = 0; trial < 30; trial++)
        {
            File.WriteAllBytes(path, good[..random.Next(good.Length)]);
            try
            {
                // Cut between two fields, the rest is a smaller model.
                TextTokenizer.Load(path).Encode("still a tokenizer");
            }
            catch (Exception error) when (error is InvalidDataException or NotSupportedException)
            {
                Assert.Contains(path, error.Message);
            }
        }

        File.WriteAllBytes(path, good[..^7]);
        InvalidDataException cut = Assert.Throws<InvalidDataException>(() => TextTokenizer.Load(path));
        Assert.Contains(path, cut.Message);
        Assert.Matches(@"byte offset \d+", cut.Message);
    }

    [SkippableFact]
    public void A_flipped_byte_is_refused_or_harmless()
    {
        byte[] good = File.ReadAllBytes(TokenizerTestData.SharedFile("llama2_tokenizer.model"))[..20_000];
        using TemporaryDirectory directory = new();
        string path = directory.File("tokenizer.model");
        Random random = new(5);
        for (int trial = 0; trial < 100; trial++)
        {
            byte[] damaged = [.. good];
            damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(path, damaged);
            try
            {
                TextTokenizer.Load(path).Encode("still a tokenizer");
            }
            catch (Exception error) when (error is InvalidDataException or NotSupportedException)
            {
                Assert.Contains(path, error.Message);
            }
        }
    }

    private static string Valid(string text) => System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(text)) is { Length: > 0 } valid ? valid : "";

    private static void Same(int[] expected, int[] actual, string text) =>
        Assert.True(text.Length == 0 || expected.SequenceEqual(actual), $"'{text}': expected {string.Join(' ', expected)}, found {string.Join(' ', actual)}");
}
