namespace MLNetLlm.Models.Tests.Runtime;

public class ProductShapesSpecifications
{
    [Theory]
    [InlineData(1, 32, 8)]
    [InlineData(8, 32, 8)]
    [InlineData(9, 32, 16)]
    [InlineData(29, 30, 30)]
    [InlineData(12, 10, 12)]
    public void SixteenBitRowsArePaddedToAMultipleThatTheNetworkCanTake(int longest, int most, int expected)
    {
        using var network = TestNetworks.Create(precision: Precision.BFloat16);
        Assert.Equal(expected, ProductShapes.PaddedLength(longest, most, network));
    }

    [Fact]
    public void OtherRowsStayAsTheyAre()
    {
        using var network = TestNetworks.Create();
        Assert.Equal(9, ProductShapes.PaddedLength(9, 32, network));
    }

    [Fact]
    public void AScoreDoesNotDependOnThePadding()
    {
        using var model = TextClassificationModel.Create(
            TestNetworks.CreateLanguageModel(Precision.BFloat16), ["a", "b"], Pooling.LastTokenAndMean, 32, 0, 1);
        model.Network.eval();
        var rows = TestNetworks.RandomRows(1, 3, 9, 20);
        using var batch = TokenBatch.Create([rows[1]], paddingId: 0, TorchSharp.torch.CPU);
        using var exact = model.Network.forward(batch.Ids, batch.Lengths);

        var padded = model.Score([rows[1]])[0];

        Assert.All(padded.Zip(TestNetworks.Values(exact)), pair => Assert.Equal(pair.Second, pair.First, 0.02));
    }
}
