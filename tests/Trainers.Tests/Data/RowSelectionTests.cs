namespace MLNetLlm.Trainers.Tests.Data;

public class RowSelectionTests
{
    [Theory]
    [InlineData(0.05)]
    [InlineData(0.1)]
    [InlineData(0.3)]
    [InlineData(0.4)]
    [InlineData(0.5)]
    public void The_fraction_is_held_out_spread_over_all_rows(double fraction)
    {
        var heldOut = Enumerable.Range(0, 10_000).Where(row => RowSelection.HeldOut(fraction, seed: 1).Includes(row)).ToList();

        Assert.InRange(heldOut.Count, 10_000 * fraction - 1, 10_000 * fraction + 1);
        Assert.All(heldOut.Chunk((int)(1_000 * fraction)).SkipLast(1), part => Assert.InRange(part[^1] - part[0], 500, 1_500));
    }

    [Fact]
    public void Every_row_trains_or_is_held_out_and_the_first_trains()
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var (training, heldOut) = (RowSelection.Training(0.5, seed), RowSelection.HeldOut(0.5, seed));
            Assert.All(Enumerable.Range(0, 100), row => Assert.NotEqual(training.Includes(row), heldOut.Includes(row)));
            Assert.True(training.Includes(0));
        }
    }

    [Fact]
    public void Another_seed_holds_other_rows_out()
    {
        bool[] HeldOut(int seed) => Enumerable.Range(0, 200).Select(row => RowSelection.HeldOut(0.1, seed).Includes(row)).ToArray();

        Assert.Equal(HeldOut(1), HeldOut(1));
        Assert.NotEqual(HeldOut(1), HeldOut(2));
    }

    [Fact]
    public void Nothing_is_held_out_of_all_rows() => Assert.All(Enumerable.Range(0, 50), row => Assert.True(RowSelection.All.Includes(row)));
}
