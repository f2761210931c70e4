namespace MLNetLlm.Trainers.Tests.Data;

public class TokenWindowsTests
{
    private const int EndOfText = 9;

    private static int[][] Rows(ITokenStore tokens, ITokenWindows windows) => Enumerable.Range(0, (int)windows.Count).Select(index =>
    {
        var row = new int[windows[index].Length];
        tokens.Read(windows[index].Start, row);
        return row;
    }).ToArray();

    private static int[][] TextRows(int[] tokens, int length, int stride, bool severalTexts)
    {
        var store = new MemoryTokens(tokens);
        return Rows(store, new TextWindows(store, EndOfText, length, stride, severalTexts));
    }

    [Theory]
    [InlineData(100, 16, 0)]
    [InlineData(100, 16, 5)]
    [InlineData(17, 16, 3)]
    [InlineData(3, 16, 0)]
    [InlineData(2, 16, 0)]
    [InlineData(46, 16, 15)]
    public void With_the_default_stride_every_token_but_the_first_is_predicted_exactly_once(int tokens, int length, int offset)
    {
        var store = new MemoryTokens(Enumerable.Range(0, tokens).ToArray());

        var windows = Rows(store, new StreamWindows(tokens, length, length - 1, offset));

        Assert.Equal(Enumerable.Range(1, tokens - 1), windows.SelectMany(window => window.Skip(1)).Order());
        Assert.All(windows, window => Assert.InRange(window.Length, 2, length));
    }

    [Fact]
    public void A_smaller_stride_makes_windows_overlap() => Assert.Equal(
        [[0, 1, 2, 3], [2, 3, 4, 5], [4, 5]],
        Rows(new MemoryTokens([0, 1, 2, 3, 4, 5]), new StreamWindows(tokens: 6, length: 4, stride: 2, offset: 0)));

    [Fact]
    public void A_single_token_makes_no_window() => Assert.Equal(0, new StreamWindows(tokens: 1, length: 4, stride: 3, offset: 0).Count);

    [Fact]
    public void Whole_texts_share_a_window_as_far_as_they_fit() => Assert.Equal(
        [[9, 1, 2, 9, 3, 9], [9, 4, 5, 6, 9]],
        TextRows([9, 1, 2, 9, 3, 9, 4, 5, 6, 9], length: 6, stride: 5, severalTexts: true));

    [Fact]
    public void Separate_texts_have_a_window_each() => Assert.Equal(
        [[9, 1, 2, 9], [9, 3, 9], [9, 4, 5, 6, 9]],
        TextRows([9, 1, 2, 9, 3, 9, 4, 5, 6, 9], length: 6, stride: 5, severalTexts: false));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_text_longer_than_a_window_is_cut_and_the_next_one_begins_a_window(bool severalTexts) => Assert.Equal(
        [[9, 1, 9], [9, 2, 3, 4], [4, 5, 6, 7], [7, 9], [9, 8, 9]],
        TextRows([9, 1, 9, 2, 3, 4, 5, 6, 7, 9, 8, 9], length: 4, stride: 3, severalTexts));

    [Fact]
    public void Texts_that_were_cut_are_counted()
    {
        var windows = new TextWindows(new MemoryTokens([9, 1, 9, 2, 3, 4, 5, 6, 7, 9, 8, 9]), EndOfText, length: 4, stride: 3, severalTexts: true);

        Assert.Equal(1, windows.TextsCut);
    }

    [Fact]
    public void Texts_are_framed_by_end_of_text_tokens_and_empty_ones_left_out() =>
        Assert.Equal([9, 1, 2, 9, 3, 9], TokenStream.Join([[1, 2], [], [3]], endOfText: 9));

    [Fact]
    public void Without_an_end_of_text_token_texts_just_follow_each_other() =>
        Assert.Equal([1, 2, 3], TokenStream.Join([[1, 2], [3]], endOfText: null));
}
