using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace MLNetLlm.Models.Tests.Networks;

/// <summary>Products of up to eight rows with 16-bit weights have code of their own, where generation spends its time.</summary>
public class FewRowSpecifications
{
    // Of two neighbouring 16-bit numbers, for those of size 1 and above; what is smaller has sums of larger ones behind it.
    private const double Rounding = 1.0 / 128;

    // Widths on both sides of what the code takes at once, vocabularies that are no multiple of anything.
    public static TheoryData<int, int, int> Shapes => new MatrixOfShapes();

    [Theory]
    [MemberData(nameof(Shapes))]
    public void ScoresAreThoseOfTheLibraryButForRounding(int rows, int width, int vocabulary)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var network = Create(width, vocabulary);
        var hidden = Hidden(rows, width);

        AssertNear(Expected(network, hidden), network.Logits(hidden));
    }

    [Fact]
    public void TheInputMayLieInMemoryInAnyOrder()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var network = Create(64, 37);
        var dense = Hidden(5, 64);
        var (turned, spread) = (dense.t().contiguous().t(), stack([dense, dense], 1).select(1, 1));
        Assert.False(turned.is_contiguous());
        Assert.False(spread.is_contiguous());

        var expected = network.Logits(dense);

        Assert.Equal(0, TestNetworks.LargestDifference(expected, network.Logits(turned)));
        Assert.Equal(0, TestNetworks.LargestDifference(expected, network.Logits(spread)));
    }

    [SkippableTheory]
    [InlineData(64, 37)]
    [InlineData(800, 101)]
    [InlineData(1568, 50)]
    public void ARowDoesNotDependOnHowManyAreBesideIt(int width, int vocabulary)
    {
        Skip.IfNot(Vector512.IsHardwareAccelerated, "The library computes these products on this processor.");
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var network = Create(width, vocabulary);
        var hidden = Hidden(8, width);
        var together = network.Logits(hidden);
        foreach (var count in new[] { 1, 2, 5 })
        {
            Assert.Equal(0, TestNetworks.LargestDifference(together.narrow(0, 3, count), network.Logits(hidden.narrow(0, 3, count))));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(8)]
    public void LayersWithBiasesGiveTheHiddenStatesOfLongerTexts(int count)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var network = Create(64, 300);
        foreach (var (_, bias) in network.named_parameters().Where(pair => pair.name.EndsWith("bias", StringComparison.Ordinal)))
        {
            bias.normal_(0, 0.5);
        }

        network.WeightsChanged();
        var row = TestNetworks.RandomRows(3, 24)[0];
        var many = network.call(TestNetworks.Ids(row)).narrow(1, 0, count);

        var few = network.call(TestNetworks.Ids(row[..count]));

        Assert.InRange(TestNetworks.LargestDifference(many, few), 0, 0.05);
    }

    [Fact]
    public void WhatIsNoNumberStaysNone()
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var network = Create(32, 10);
        var hidden = Hidden(3, 32);
        hidden[1, 7] = float.NaN;

        var scores = network.Logits(hidden);

        Assert.True(scores[1].isnan().all().item<bool>());
        Assert.True(scores[0].isfinite().all().item<bool>());
        Assert.True(scores[2].isfinite().all().item<bool>());
    }

    private static GptModel Create(int width, int vocabulary) => TestNetworks.Create(
        TestNetworks.SmallConfig with { Width = width, HeadCount = 1, LayerCount = 1, VocabularySize = vocabulary, InitializerRange = 0.1 }, Precision.BFloat16);

    private static Tensor Hidden(int rows, int width)
    {
        using var generator = new Generator(7, CPU);
        return randn([rows, width], generator: generator);
    }

    private static Tensor Expected(GptModel network, Tensor hidden)
    {
        var weight = network.get_parameter("wte.weight")!;
        return nn.functional.linear(Rounded(hidden), Rounded(weight));
    }

    private static Tensor Rounded(Tensor exact) => exact.to(ScalarType.BFloat16).to(ScalarType.Float32);

    private static void AssertNear(Tensor expected, Tensor found)
    {
        Assert.Equal(expected.shape, found.shape);
        Assert.InRange(((expected - found).abs() / expected.abs().clamp_min(1)).max().item<float>(), 0, Rounding / 2);
    }

    private sealed class MatrixOfShapes : TheoryData<int, int, int>
    {
        public MatrixOfShapes()
        {
            foreach (var (width, vocabulary) in new[] { (32, 1), (64, 7), (48, 20), (768, 259), (800, 101), (1568, 98) })
            {
                foreach (var rows in new[] { 1, 2, 3, 5, 8, 9, 16 })
                {
                    Add(rows, width, vocabulary);
                }
            }
        }
    }
}
