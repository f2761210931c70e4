using static TorchSharp.torch;

namespace MLNetLlm.Models.Tests.Evaluation;

public class TextScorerSpecifications
{
    [Fact]
    public void ALogLikelihoodIsTheSumOfTheLogProbabilitiesOfAllTokensButTheFirst()
    {
        using var model = TestNetworks.CreateLanguageModel();
        var rows = TestNetworks.RandomRows(5, 7, 1, 20);
        var scores = new TextScorer(model, batchSize: 2).Score(rows);
        Assert.Equal(rows.Select(row => row.Length - 1L), scores.Select(score => score.PredictedTokens));
        Assert.Equal(LogLikelihood(model, rows[0], 1), scores[0].LogLikelihood, 1e-4);
        Assert.Equal(LogLikelihood(model, rows[2], 1), scores[2].LogLikelihood, 1e-4);
        Assert.Equal(Math.Exp(-scores[0].LogLikelihood / 6), scores[0].Perplexity, 1e-9);
    }

    [Fact]
    public void ATextWithoutAPredictedTokenHasNoPerplexity()
    {
        using var model = TestNetworks.CreateLanguageModel();
        var scores = new TextScorer(model).Score([[3], []]);
        Assert.All(scores, score => Assert.Equal(0, score.LogLikelihood));
        Assert.All(scores, score => Assert.Equal(0, score.PredictedTokens));
        Assert.All(scores, score => Assert.True(double.IsNaN(score.Perplexity)));
    }

    [Fact]
    public void ATextLongerThanTheContextIsReadInWindowsAndEachTokenCountsOnce()
    {
        using var model = TestNetworks.CreateLanguageModel();
        var row = TestNetworks.RandomRows(6, 75)[0];
        var score = new TextScorer(model, stride: 12).Score([row])[0];

        // Context 32, stride 12: windows at 0, 12, 24, 36 and 48; each counts the tokens that the one before did not reach.
        var expected = LogLikelihood(model, row[..32], 1);
        foreach (var start in new[] { 12, 24, 36, 48 })
        {
            var end = Math.Min(start + 32, row.Length);
            expected += LogLikelihood(model, row[start..end], firstCounted: 32 - 12);
        }

        Assert.Equal(74, score.PredictedTokens);
        Assert.Equal(expected, score.LogLikelihood, 1e-3);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(32)]
    public void AStrideThatLeavesNoContextIsRefused(int stride)
    {
        using var model = TestNetworks.CreateLanguageModel();
        Assert.Contains("31", Assert.Throws<ArgumentOutOfRangeException>(() => new TextScorer(model, stride)).Message);
    }

    // One token after the other from all scores, without batches, windows or chunks.
    private static double LogLikelihood(LanguageModel model, int[] row, int firstCounted)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var logProbabilities = model.Network.Logits(model.Network.forward(TestNetworks.Ids(row)))[0].log_softmax(-1);
        return Enumerable.Range(firstCounted, row.Length - firstCounted)
            .Sum(position => (double)logProbabilities[position - 1, row[position]].item<float>());
    }
}
