namespace MLNetLlm.Models.Tests.Tokenization;

public sealed class SpecialTokenSpecifications
{
    private static readonly TextTokenizer Tokenizer = BytePairLearner.Learn(
        [TokenizerTestData.Corpus],
        new BytePairOptions { VocabularySize = 320, SpecialTokens = ["<|endoftext|>", "<|end|>", "<|end|>of"] });

    [Fact]
    public void Their_spelling_inside_text_is_ordinary_text()
    {
        int[] ids = Tokenizer.Encode("a<|endoftext|>b");

        Assert.DoesNotContain(Tokenizer.EndOfTextId!.Value, ids);
        Assert.Equal("a<|endoftext|>b", Tokenizer.Decode(ids, skipSpecialTokens: true));
    }

    [Fact]
    public void They_are_recognised_where_the_caller_allows_it()
    {
        int[] ids = Tokenizer.Encode("fox<|endoftext|><|end|> dog", allowSpecialTokens: true);

        Assert.Equal([.. Tokenizer.Encode("fox"), 0, 1, .. Tokenizer.Encode(" dog")], ids);
        Assert.Equal("fox<|endoftext|><|end|> dog", Tokenizer.Decode(ids));
        Assert.Equal("fox dog", Tokenizer.Decode(ids, skipSpecialTokens: true));
    }

    [Fact]
    public void The_longest_of_several_at_one_place_is_taken()
    {
        Assert.Equal([2], Tokenizer.Encode("<|end|>of", allowSpecialTokens: true));
    }

    [Fact]
    public void A_character_cut_in_two_by_a_special_token_does_not_come_together_again()
    {
        int[] bytes = Tokenizer.EncodeWithDropout("ü", 1, new Random(0));
        Assert.Equal("\uFFFD<|end|>\uFFFD", Tokenizer.Decode([bytes[0], 1, bytes[1]]));
    }

    [Fact]
    public void Many_threads_encode_and_decode_alike()
    {
        int[] expected = Tokenizer.Encode(TokenizerTestData.Corpus);
        Parallel.For(0, 200, index =>
        {
            string text = TokenizerTestData.Corpus + index;
            Assert.Equal(text, Tokenizer.Decode(Tokenizer.Encode(text)));
            Assert.Equal(expected, Tokenizer.Encode(TokenizerTestData.Corpus));
        });
    }
}
