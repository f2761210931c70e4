using static TorchSharp.torch;

namespace MLNetLlm.Models.Tests.Runtime;

public class ProductShapesSpecifications
{
    [Theory]
    [InlineData(1, 8)]
    [InlineData(8, 8)]
    [InlineData(9, 16)]
    [InlineData(29, 30)]
    public void SixteenBitRowsArePaddedToAMultipleThatTheNetworkCanTake(int longest, int expected)
    {
        using var network = Network(Precision.BFloat16);
        using var batch = TokenBatch.Create(TestNetworks.RandomRows(1, longest), paddingId: 0, network);

        Assert.Equal(expected, batch.Ids.shape[1]);
        Assert.Equal(longest, batch.TokenCount);
    }

    [Fact]
    public void OtherRowsStayAsTheyAre()
    {
        using var network = Network(Precision.Float32);
        using var batch = TokenBatch.Create(TestNetworks.RandomRows(1, 9), paddingId: 0, network);

        Assert.Equal(9, batch.Ids.shape[1]);
    }

    [Fact]
    public void PartsOfABatchArePaddedLikeIt()
    {
        using var network = Network(Precision.BFloat16);
        using var batch = TokenBatch.Create(TestNetworks.RandomRows(1, 3, 9, 20), paddingId: 0, network);
        using var part = batch.Slice(0, 2);

        Assert.Equal([2, 16], part.Ids.shape);
        Assert.Equal([3L, 9], part.Lengths.data<long>().ToArray());
    }

    [Fact]
    public void AScoreDoesNotDependOnThePadding()
    {
        using var model = TextClassificationModel.Create(
            TestNetworks.CreateLanguageModel(Precision.BFloat16), ["a", "b"], Pooling.LastTokenAndMean, 32, 0, 1);
        model.Network.eval();
        var rows = TestNetworks.RandomRows(1, 3, 9, 20);
        using var batch = TokenBatch.Create([rows[1]], paddingId: 0, CPU);
        using var exact = model.Network.forward(batch.Ids, batch.Lengths);

        var padded = model.Score([rows[1]])[0];

        Assert.All(padded.Zip(TestNetworks.Values(exact)), pair => Assert.Equal(pair.Second, pair.First, 0.02));
    }

    private static GptModel Network(Precision precision) =>
        new(new GptConfig { VocabularySize = 64, ContextLength = 30, LayerCount = 1, HeadCount = 2, Width = 16 }, precision, CPU, seed: 1);
}
