using ChatService.Load;

namespace MLNetLlm.ChatService.Tests;

public sealed class PercentilesTests
{
    [Fact]
    public void They_are_the_nearest_ranks_whatever_the_order()
    {
        var values = Enumerable.Range(1, 200).Select(value => (double)value).Reverse();

        Assert.Equal(new Percentiles(100, 190, 198), Percentiles.Of(values));
    }

    [Fact]
    public void Of_one_value_all_are_that_value_and_of_none_nothing()
    {
        Assert.Equal(new Percentiles(7, 7, 7), Percentiles.Of([7]));
        Assert.Equal(new Percentiles(0, 0, 0), Percentiles.Of([]));
    }

    [Fact]
    public void Memory_is_told_by_its_first_and_last_tenth()
    {
        var samples = Enumerable.Repeat(100L << 20, 10).Concat(Enumerable.Repeat(300L << 20, 80)).Concat(Enumerable.Repeat(120L << 20, 10)).ToArray();

        Assert.Equal(new MemoryFigures(100, 120, 300), MemoryFigures.Of(samples));
    }
}
