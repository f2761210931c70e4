using System.Diagnostics;
using System.Text.RegularExpressions;
using Microsoft.ML.Tokenizers;

namespace MLNetLlm.Models.Tests.Tokenization;

public sealed class Gpt2VocabularySpecifications
{
    [SkippableTheory]
    [InlineData("Hello, world!", new[] { 15496, 11, 995, 0 })]
    [InlineData("Akwirw ier", new[] { 33901, 86, 343, 86, 220, 959 })]
    [InlineData("<|endoftext|>", new[] { 27, 91, 437, 1659, 5239, 91, 29 })]
    [InlineData("", new int[0])]
    public void Known_texts_have_the_published_ids(string text, int[] expected)
    {
        Assert.Equal(expected, TokenizerTestData.LoadGpt2().Encode(text));
    }

    [SkippableFact]
    public void A_text_with_an_allowed_special_token_has_the_published_ids()
    {
        int[] ids = TokenizerTestData.LoadGpt2().Encode(
            "Hello, do you like tea? <|endoftext|> In the sunlit terracesof someunknownPlace.", allowSpecialTokens: true);

        Assert.Equal([15496, 11, 466, 345, 588, 8887, 30, 220, 50256, 554, 262, 4252, 18250, 8812, 2114, 1659, 617, 34680, 27271, 13], ids);
    }

    [SkippableFact]
    public void The_vocabulary_has_its_published_size_and_its_one_special_token()
    {
        TextTokenizer gpt2 = TokenizerTestData.LoadGpt2();

        Assert.Equal(50257, gpt2.VocabularySize);
        Assert.Equal(50256, gpt2.EndOfTextId);
        Assert.Equal(["<|endoftext|>"], gpt2.SpecialTokens.Keys);
        Assert.Null(gpt2.PaddingId);
        Assert.Equal("Ġworld", gpt2.TokenOf(995));
    }

    [SkippableFact]
    public void The_short_story_has_its_known_number_of_tokens()
    {
        string story = File.ReadAllText(TokenizerTestData.SharedFile("the-verdict.txt"));
        Assert.Equal(5145, TokenizerTestData.LoadGpt2().Count(story));
    }

    [SkippableTheory]
    [InlineData("the-verdict.txt")]
    [InlineData("SMSSpamCollection")]
    [InlineData("instruction-data.json")]
    public void All_files_of_the_vocabulary_give_the_same_ids(string name)
    {
        string text = File.ReadAllText(TokenizerTestData.SharedFile(name));
        int[] expected = TokenizerTestData.LoadGpt2().Encode(text);

        Assert.Equal(expected, TextTokenizer.Load(TokenizerTestData.SharedFile("r50k_base.tiktoken")).Encode(text));
    }

    [SkippableTheory]
    [InlineData("the-verdict.txt")]
    [InlineData("SMSSpamCollection")]
    public void The_packages_own_tiktoken_class_gives_the_same_ids(string name)
    {
        string text = File.ReadAllText(TokenizerTestData.SharedFile(name));
        using FileStream ranks = File.OpenRead(TokenizerTestData.SharedFile("r50k_base.tiktoken"));
        TiktokenTokenizer package = TiktokenTokenizer.CreateForModel("gpt2", ranks);

        Assert.Equal(package.EncodeToIds(text), TokenizerTestData.LoadGpt2().Encode(text));
    }

    [SkippableFact]
    public void The_larger_encoding_splits_numbers_and_words_its_own_way()
    {
        string path = TokenizerTestData.SharedFile("cl100k_base.tiktoken");
        TextTokenizer cl100k = TextTokenizer.Load(path);
        using FileStream ranks = File.OpenRead(path);
        TiktokenTokenizer package = TiktokenTokenizer.CreateForModel("gpt-4", ranks);

        Assert.Equal([9906, 11, 1917, 0], cl100k.Encode("Hello, world!"));
        Assert.Equal(100277, cl100k.VocabularySize);
        Assert.Equal(100257, cl100k.EndOfTextId);
        string text = File.ReadAllText(TokenizerTestData.SharedFile("SMSSpamCollection"))[..100_000] + TokenizerTestData.Corpus;
        Assert.Equal(package.EncodeToIds(text), cl100k.Encode(text));
    }

    [SkippableFact]
    public void Added_text_tokens_of_a_hugging_face_file_are_found_in_any_text()
    {
        TextTokenizer tokenizer = TextTokenizer.Load(TokenizerTestData.SharedFile("tiny_random_gpt2", "tokenizer.json"));
        TextTokenizer gpt2 = TokenizerTestData.LoadGpt2();

        Assert.Equal(gpt2.Encode("Hello, world!"), tokenizer.Encode("Hello, world!"));
        string spaces = new(' ', 31);
        int[] ids = tokenizer.Encode($"x{spaces}y");
        Assert.Contains(50257, ids);
        Assert.Equal($"x{spaces}y", tokenizer.Decode(ids));
        Assert.Equal($"x{spaces}y", tokenizer.Decode(ids, skipSpecialTokens: true));
        Assert.DoesNotContain(spaces, tokenizer.SpecialTokens.Keys);
    }

    [SkippableFact]
    public void A_piece_too_long_for_the_package_gets_the_ids_that_the_package_gives()
    {
        string vocabulary = TokenizerTestData.SharedFile("encoder.json");
        BpeTokenizer package = BpeTokenizer.Create(new BpeOptions(vocabulary, TokenizerTestData.SharedFile("vocab.bpe")) { ByteLevel = true });
        string letters = Regex.Replace(File.ReadAllText(TokenizerTestData.SharedFile("the-verdict.txt")), @"\P{L}", "")[..6_000];

        Assert.Equal(package.EncodeToIds(letters, considerPreTokenization: false), TokenizerTestData.LoadGpt2().Encode(letters));
    }

    [SkippableTheory]
    [InlineData('a')]
    [InlineData(' ')]
    [InlineData('\n')]
    [InlineData('.')]
    [InlineData('7')]
    [InlineData('中')]
    public void A_hundred_thousand_equal_characters_take_no_quadratic_time(char character)
    {
        TextTokenizer gpt2 = TokenizerTestData.LoadGpt2();
        string text = new(character, 100_000);
        gpt2.Encode(text[..2_000]);
        Stopwatch watch = Stopwatch.StartNew();

        int[] ids = gpt2.Encode(text);

        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), $"Encoding took {watch.Elapsed}.");
        Assert.Equal(text, gpt2.Decode(ids));
    }
}
