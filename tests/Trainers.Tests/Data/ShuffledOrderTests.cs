namespace MLNetLlm.Trainers.Tests.Data;

public class ShuffledOrderTests
{
    private static long[] Order(long count, ulong key)
    {
        var order = new ShuffledOrder(count, key);
        return Enumerable.Range(0, (int)count).Select(place => order[place]).ToArray();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(17)]
    [InlineData(1000)]
    [InlineData(4097)]
    public void Every_number_comes_exactly_once(int count) =>
        Assert.Equal(Enumerable.Range(0, count).Select(number => (long)number), Order(count, key: 5).Order());

    [Fact]
    public void The_same_key_gives_the_same_order_and_another_key_another()
    {
        Assert.Equal(Order(100, 1), Order(100, 1));
        Assert.NotEqual(Order(100, 1), Order(100, 2));
    }

    [Fact]
    public void Neighbours_do_not_stay_neighbours()
    {
        var order = Order(10_000, key: 3);

        Assert.InRange(order.Zip(order.Skip(1)).Count(pair => Math.Abs(pair.First - pair.Second) == 1), 0, 20);
        Assert.InRange(order.Take(5_000).Average(), 4_800, 5_200);
    }

    [Fact]
    public void An_order_of_more_numbers_than_memory_holds_can_be_asked_anywhere()
    {
        var order = new ShuffledOrder(1L << 40, key: 9);

        Assert.Equal(1000, Enumerable.Range(0, 1000).Select(place => order[place * (1L << 30)]).Distinct().Count());
        Assert.Throws<ArgumentOutOfRangeException>(() => order[1L << 40]);
    }
}
