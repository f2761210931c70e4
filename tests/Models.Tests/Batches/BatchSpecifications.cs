using static TorchSharp.torch;

namespace MLNetLlm.Models.Tests.Batches;

public class BatchSpecifications
{
    [Fact]
    public void RowsArePaddedOnTheRightToTheLongest()
    {
        using var batch = TokenBatch.Create([[1, 2, 3], [4], []], 9, CPU);
        Assert.Equal([3, 3], batch.Ids.shape);
        Assert.Equal([1L, 2, 3, 4, 9, 9, 9, 9, 9], batch.Ids.data<long>().ToArray());
        Assert.Equal([3L, 1, 1], batch.Lengths.data<long>().ToArray());
        Assert.Equal(3, batch.RowCount);
        Assert.Equal(4, batch.TokenCount);
    }

    [Fact]
    public void ABatchWithoutRowsIsRefused() => Assert.Throws<ArgumentException>(() => TokenBatch.Create([], 0, CPU));

    [Theory]
    [InlineData(1, 1000)]
    [InlineData(4, 30)]
    [InlineData(100, 64)]
    public void BucketsHoldEveryRowOnceWithinTheLimits(int maximumRows, int maximumTokens)
    {
        var random = new Random(1);
        var lengths = Enumerable.Range(0, 200).Select(_ => random.Next(0, 40)).ToArray();
        var plan = LengthBuckets.Plan(lengths, maximumRows, maximumTokens);
        Assert.Equal(Enumerable.Range(0, 200), plan.SelectMany(batch => batch).Order());
        Assert.All(plan, batch =>
        {
            Assert.InRange(batch.Length, 1, maximumRows);
            Assert.True(batch.Length == 1 || batch.Max(row => lengths[row]) * batch.Length <= maximumTokens);
        });
        var longest = plan.Select(batch => batch.Max(row => lengths[row])).ToArray();
        Assert.Equal(longest.Order(), longest);
    }

    [Fact]
    public void NoRowsNeedNoBuckets() => Assert.Empty(LengthBuckets.Plan([], 8, 100));
}
