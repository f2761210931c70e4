using TorchSharp;
using static TorchSharp.torch;

namespace MLNetLlm.Models.Tests.Losses;

public class LanguageModelLossSpecifications
{
    // Large enough that 600 positions x 32,000 entries are more scores than exist at once.
    private static readonly GptConfig LargeVocabulary = TestNetworks.SmallConfig with
    {
        VocabularySize = 32_000, ContextLength = 300, LayerCount = 1, Width = 16, HeadCount = 2,
    };

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0.1, 1)]
    [InlineData(0, 2.5)]
    public void LossAndGradientsOfPiecesAreThoseOfTheWhole(double labelSmoothing, double scale)
    {
        using var scope = NewDisposeScope();
        using var network = TestNetworks.Create(LargeVocabulary);
        network.train();
        var (ids, targets) = IdsAndTargets(2, 300, ignoredEvery: 9);
        var loss = LanguageModelLoss.Backward(network, network.call(ids), targets, scale, labelSmoothing);
        Assert.False(loss.requires_grad);
        var pieces = Gradients(network);

        network.zero_grad();
        var logits = network.Logits(network.call(ids)).view(-1, network.VocabularySize);
        var whole = nn.functional.cross_entropy(logits, targets.view(-1), ignore_index: -100, label_smoothing: labelSmoothing);
        (whole * scale).backward();
        Assert.Equal(whole.item<float>(), loss.item<float>(), 1e-4);
        AssertSameGradients(Gradients(network), pieces);
    }

    // 1,003 entries leave a rest whatever the width of the processor's registers.
    [Theory]
    [InlineData(Precision.Float32, 0, true, 1e-4)]
    [InlineData(Precision.Float32, 0.2, false, 1e-4)]
    [InlineData(Precision.BFloat16, 0, true, 0.02)]
    [InlineData(Precision.BFloat16, 0.2, false, 0.02)]
    public void LossAndGradientsAreThoseOfTheTensorOperationsInEitherNumberType(Precision precision, double labelSmoothing, bool isTied, double tolerance)
    {
        using var scope = NewDisposeScope();
        var config = TestNetworks.SmallConfig with { VocabularySize = 1_003, TiedEmbeddings = isTied };
        using var network = new GptModel(config, precision, CPU, seed: 3);
        network.train();
        var hidden = randn(21, config.Width, generator: new Generator(5, CPU)).requires_grad_();
        var targets = arange(21, ScalarType.Int64).mul(40);

        var loss = LanguageModelLoss.Backward(network, hidden, targets, scale: 3, labelSmoothing);
        var ofHidden = hidden.grad!.clone();
        var ofWeights = Head(network).grad!.clone();

        network.zero_grad();
        using var expectedHidden = hidden.detach().clone().requires_grad_();
        var expected = nn.functional.cross_entropy(network.Logits(expectedHidden), targets, label_smoothing: labelSmoothing);
        (expected * 3).backward();
        Assert.Equal(expected.item<float>(), loss.item<float>(), tolerance);
        AssertClose(expectedHidden.grad!, ofHidden, tolerance);
        AssertClose(Head(network).grad!, ofWeights, tolerance);
    }

    // 16-bit products take a round number of positions, the rest of which must not count.
    [Theory]
    [InlineData(Precision.Float32, 0)]
    [InlineData(Precision.BFloat16, 0)]
    [InlineData(Precision.BFloat16, 0.2)]
    public void PositionsThatDoNotCountChangeNothing(Precision precision, double labelSmoothing)
    {
        using var scope = NewDisposeScope();
        using var network = new GptModel(TestNetworks.SmallConfig with { VocabularySize = 1_003 }, precision, CPU, seed: 3);
        network.train();
        var hidden = randn(90, network.Width, generator: new Generator(5, CPU)).requires_grad_();
        var targets = arange(90, ScalarType.Int64).mul(11);
        targets[TensorIndex.Slice(33)] = tensor(LanguageModelLoss.Ignored);

        var loss = LanguageModelLoss.Backward(network, hidden, targets, labelSmoothing: labelSmoothing);
        var ofHidden = hidden.grad!.clone();
        var ofWeights = Head(network).grad!.clone();

        network.zero_grad();
        var counted = hidden.detach()[TensorIndex.Slice(0, 33)].clone().requires_grad_();
        var expected = LanguageModelLoss.Backward(network, counted, targets[TensorIndex.Slice(0, 33)], labelSmoothing: labelSmoothing);
        Assert.Equal(expected.item<float>(), loss.item<float>(), 1e-4);
        AssertClose(counted.grad!, ofHidden[TensorIndex.Slice(0, 33)], 1e-4);
        Assert.Equal(0, ofHidden[TensorIndex.Slice(33)].abs().max().item<float>());
        AssertClose(Head(network).grad!, ofWeights, 0.01);
    }

    [Fact]
    public void GradientsOfSeveralPassesAddUp()
    {
        using var scope = NewDisposeScope();
        using var network = TestNetworks.Create();
        network.train();
        var (ids, targets) = IdsAndTargets(2, 5, ignoredEvery: 3);
        LanguageModelLoss.Backward(network, network.call(ids), targets);
        var once = Gradients(network);
        LanguageModelLoss.Backward(network, network.call(ids), targets);
        AssertSameGradients(once.ToDictionary(pair => pair.Key, pair => pair.Value * 2), Gradients(network));
    }

    [Fact]
    public void ScoresThatAreNoNumbersGiveALossThatIsNone()
    {
        using var scope = NewDisposeScope();
        using var network = TestNetworks.Create();
        network.train();
        var hidden = full([3, network.Width], float.NaN).requires_grad_();
        Assert.True(float.IsNaN(LanguageModelLoss.Backward(network, hidden, zeros(3, ScalarType.Int64)).item<float>()));
    }

    // A target that the scores all but rule out costs as much as they say.
    [Fact]
    public void LossesBeyondTheSmallestProbabilityAreExact()
    {
        using var scope = NewDisposeScope();
        using var network = TestNetworks.Create(TestNetworks.SmallConfig with { TiedEmbeddings = false });
        network.train();
        using (no_grad())
        {
            Head(network).zero_();
            Head(network)[0].fill_(100);
        }

        var hidden = zeros(1, network.Width);
        hidden[0, 0] = tensor(2f);
        Assert.Equal(200, LanguageModelLoss.Backward(network, hidden, ones(1, ScalarType.Int64)).item<float>(), 1e-3);
    }

    [Fact]
    public void WhereNothingCountsTheLossIsZeroAndNothingLearns()
    {
        using var scope = NewDisposeScope();
        using var network = TestNetworks.Create();
        network.train();
        var (ids, _) = IdsAndTargets(2, 5, ignoredEvery: 2);
        var targets = full_like(ids, LanguageModelLoss.Ignored);
        Assert.Equal(0, LanguageModelLoss.Backward(network, network.call(ids), targets).item<float>());
        Assert.All(network.parameters(), parameter => Assert.True(parameter.grad is null || parameter.grad.abs().max().item<float>() == 0));
        Assert.Equal(0, LanguageModelLoss.Evaluate(network, network.call(ids), targets).item<float>());
    }

    [Fact]
    public void EvaluationGivesLossesPerPositionTheirSumAndTheirMean()
    {
        using var scope = NewDisposeScope();
        using var network = TestNetworks.Create(LargeVocabulary);
        var (ids, targets) = IdsAndTargets(2, 300, ignoredEvery: 7);
        var hidden = network.call(ids);
        var each = LanguageModelLoss.Evaluate(network, hidden, targets, nn.Reduction.None);
        var expected = nn.functional.cross_entropy(
            network.Logits(hidden).view(-1, network.VocabularySize), targets.view(-1), reduction: nn.Reduction.None).view(2, 300);
        Assert.Equal(targets.shape, each.shape);
        Assert.False(each.requires_grad);
        Assert.Equal(0, TestNetworks.LargestDifference(expected, each), 1e-4);
        var counted = targets.ne(LanguageModelLoss.Ignored).sum().item<long>();
        var sum = LanguageModelLoss.Evaluate(network, hidden, targets, nn.Reduction.Sum).item<float>();
        Assert.Equal(each.sum().item<float>(), sum, 0.05);
        Assert.Equal(sum / counted, LanguageModelLoss.Evaluate(network, hidden, targets).item<float>(), 1e-4);
    }

    [Fact]
    public void TargetsOfAnotherNumberAreRefused()
    {
        using var scope = NewDisposeScope();
        using var network = TestNetworks.Create();
        var hidden = network.call(TestNetworks.Ids(TestNetworks.RandomRows(1, 6)));
        Assert.Throws<ArgumentException>(() => LanguageModelLoss.Backward(network, hidden, zeros(1, 5, ScalarType.Int64)));
    }

    private static (Tensor Ids, Tensor Targets) IdsAndTargets(int rows, int time, int ignoredEvery)
    {
        var ids = TestNetworks.Ids(TestNetworks.RandomRows(8, Enumerable.Repeat(time, rows).ToArray()));
        var targets = ids.roll(-1, 1).clone();
        targets.index_put_(tensor(LanguageModelLoss.Ignored), TensorIndex.Colon, TensorIndex.Slice(0, time, ignoredEvery));
        return (ids, targets);
    }

    private static Dictionary<string, Tensor> Gradients(GptModel network) =>
        network.named_parameters().ToDictionary(pair => pair.Item1, pair => pair.Item2.grad!.clone());

    private static TorchSharp.Modules.Parameter Head(GptModel network) => network.named_parameters()
        .OrderBy(pair => pair.Item1 == "lm_head.weight" ? 0 : 1).First(pair => pair.Item1 is "lm_head.weight" or "wte.weight").Item2;

    private static void AssertClose(Tensor expected, Tensor found, double tolerance) =>
        Assert.Equal(0, TestNetworks.LargestDifference(expected, found) / expected.abs().max().item<float>(), tolerance);

    private static void AssertSameGradients(Dictionary<string, Tensor> expected, Dictionary<string, Tensor> found) => Assert.All(
        expected,
        pair => Assert.Equal(0, TestNetworks.LargestDifference(pair.Value, found[pair.Key]), 1e-6 + 1e-4 * pair.Value.abs().max().item<float>()));
}
