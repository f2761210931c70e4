namespace MLNetLlm.Models.Tests.Tokenization;

public sealed class DropoutSpecifications
{
    [Fact]
    public void Without_dropout_the_ids_are_the_ordinary_ones()
    {
        Assert.Equal(
            TokenizerTestData.Small.Encode(TokenizerTestData.Corpus),
            TokenizerTestData.Small.EncodeWithDropout(TokenizerTestData.Corpus, 0, new Random(1)));
    }

    [Fact]
    public void With_every_merge_dropped_each_byte_is_an_id()
    {
        int[] ids = TokenizerTestData.Small.EncodeWithDropout("The über 😀", 1, new Random(1));
        Assert.Equal(System.Text.Encoding.UTF8.GetByteCount("The über 😀"), ids.Length);
    }

    [Fact]
    public void Equal_seeds_give_equal_ids_and_others_vary()
    {
        int[] first = TokenizerTestData.Small.EncodeWithDropout(TokenizerTestData.Corpus, 0.3, new Random(7));
        int[] again = TokenizerTestData.Small.EncodeWithDropout(TokenizerTestData.Corpus, 0.3, new Random(7));
        int[] other = TokenizerTestData.Small.EncodeWithDropout(TokenizerTestData.Corpus, 0.3, new Random(8));

        Assert.Equal(first, again);
        Assert.NotEqual(first, other);
    }

    [Fact]
    public void More_dropout_gives_more_and_smaller_pieces()
    {
        int[] lengths = new[] { 0, 0.2, 0.5, 0.8, 1 }
            .Select(dropout => TokenizerTestData.Small.EncodeWithDropout(TokenizerTestData.Corpus, dropout, new Random(3)).Length)
            .ToArray();

        Assert.Equal(lengths.Order(), lengths);
        Assert.Equal(lengths.Length, lengths.Distinct().Count());
    }

    [Fact]
    public void A_word_of_one_possible_merge_is_split_as_often_as_the_probability_says()
    {
        TextTokenizer tokenizer = BytePairLearner.Learn(["ab", "ab"], new BytePairOptions { VocabularySize = 257, SpecialTokens = [] });
        Random random = new(5);

        int split = Enumerable.Range(0, 10_000).Count(_ => tokenizer.EncodeWithDropout("ab", 0.25, random).Length == 2);

        Assert.InRange(split, 2_300, 2_700);
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1.1)]
    [InlineData(double.NaN)]
    public void A_probability_outside_of_zero_to_one_is_refused(double dropout)
    {
        Assert.Throws<ArgumentOutOfRangeException>(nameof(dropout), () => TokenizerTestData.Small.EncodeWithDropout("x", dropout, new Random(1)));
    }
}
