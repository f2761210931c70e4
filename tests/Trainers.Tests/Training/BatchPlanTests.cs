namespace MLNetLlm.Trainers.Tests.Training;

public class BatchPlanTests
{
    [Fact]
    public void Length_buckets_hold_every_row_exactly_once()
    {
        var lengths = Enumerable.Range(0, 1_003).Select(row => row * 7 % 97 + 1).ToArray();

        var plan = LengthBucketedBatches.Plan(lengths, batchSize: 16, new Random(1));

        Assert.Equal(Enumerable.Range(0, lengths.Length), plan.SelectMany(batch => batch).Order());
        Assert.All(plan, batch => Assert.InRange(batch.Length, 1, 16));
    }

    [Fact]
    public void Length_buckets_pad_little()
    {
        var random = new Random(2);
        var lengths = Enumerable.Range(0, 4_000).Select(_ => random.Next(5, 120)).ToArray();

        var plan = LengthBucketedBatches.Plan(lengths, batchSize: 32, new Random(1));

        var padded = plan.Sum(batch => batch.Length * batch.Max(row => lengths[row]));
        Assert.InRange(padded / (double)lengths.Sum(), 1.0, 1.15);
    }

    [Fact]
    public void Plans_differ_between_epochs_and_repeat_with_the_seed()
    {
        var lengths = Enumerable.Range(1, 200).ToArray();
        int[] Plan(int seed) => LengthBucketedBatches.Plan(lengths, 8, new Random(seed)).SelectMany(batch => batch).ToArray();

        Assert.Equal(Plan(1), Plan(1));
        Assert.NotEqual(Plan(1), Plan(2));
    }

    [Fact]
    public void A_stratified_hold_out_keeps_the_class_shares_and_loses_no_row()
    {
        var rows = Enumerable.Range(0, 1_000).ToArray();

        var (training, validation) = HoldOut.Stratified(rows, row => row < 900 ? 0 : 1, 0.2, new Random(1));

        Assert.Equal(180, validation.Count(row => row < 900));
        Assert.Equal(20, validation.Count(row => row >= 900));
        Assert.Equal(rows, training.Concat(validation).Order());
    }

    [Fact]
    public void A_hold_out_leaves_at_least_one_row_to_train_on()
    {
        var (training, validation) = HoldOut.Split(["only"], 0.5, new Random(1));

        Assert.Single(training);
        Assert.Empty(validation);
    }
}
