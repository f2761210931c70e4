namespace MLNetLlm.Trainers.Tests.Pretraining;

public class TokenStreamTests
{
    [Theory]
    [InlineData(100, 16, 0)]
    [InlineData(100, 16, 5)]
    [InlineData(17, 16, 3)]
    [InlineData(3, 16, 0)]
    [InlineData(2, 16, 0)]
    [InlineData(46, 16, 15)]
    public void With_the_default_stride_every_token_but_the_first_is_predicted_exactly_once(int tokens, int length, int offset)
    {
        var stream = Enumerable.Range(0, tokens).ToArray();

        var windows = TokenStream.Windows(stream, length, length - 1, offset).ToList();

        Assert.Equal(Enumerable.Range(1, tokens - 1), windows.SelectMany(window => window.Skip(1)).Order());
        Assert.All(windows, window => Assert.InRange(window.Length, 2, length));
    }

    [Fact]
    public void A_smaller_stride_makes_windows_overlap()
    {
        var windows = TokenStream.Windows([0, 1, 2, 3, 4, 5], length: 4, stride: 2, offset: 0).ToList();

        Assert.Equal([[0, 1, 2, 3], [2, 3, 4, 5], [4, 5]], windows);
    }

    [Fact]
    public void Texts_are_framed_by_end_of_text_tokens_and_empty_ones_left_out() =>
        Assert.Equal([9, 1, 2, 9, 3, 9], TokenStream.Join([[1, 2], [], [3]], endOfText: 9));

    [Fact]
    public void Without_an_end_of_text_token_texts_just_follow_each_other() =>
        Assert.Equal([1, 2, 3], TokenStream.Join([[1, 2], [3]], endOfText: null));
}
