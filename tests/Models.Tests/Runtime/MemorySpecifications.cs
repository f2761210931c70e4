using TorchSharp;
using static TorchSharp.torch;

namespace MLNetLlm.Models.Tests.Runtime;

/// <summary>No call leaves a tensor behind: neither one that is alive nor one that waits for the collector.</summary>
public class MemorySpecifications
{
    [Theory]
    [InlineData(Precision.Float32)]
    [InlineData(Precision.BFloat16)]
    public void ScoringLeavesNoTensorBehind(Precision precision)
    {
        using var model = TextClassificationModel.Create(
            TestNetworks.CreateLanguageModel(precision), ["a", "b"], Pooling.LastTokenAndMean, 32, 0, 1);
        model.Network.eval();
        var rows = TestNetworks.RandomRows(1, 3, 9, 20);
        AssertBalanced(() => model.Score(rows));
    }

    [Theory]
    [InlineData(Precision.Float32)]
    [InlineData(Precision.BFloat16)]
    public void GenerationLeavesNoTensorBehind(Precision precision)
    {
        using var model = TestNetworks.CreateLanguageModel(precision);
        var generator = new TextGenerator(model);
        AssertBalanced(() => generator.Generate([[1, 2], [3], [4, 5]], new GenerationOptions { MaximumNewTokens = 40, Temperature = 1, ContextOverflow = ContextOverflow.Slide }));
    }

    [Fact]
    public void ManyShortGenerationsInOneEngineLeaveNoTensorBehind()
    {
        using var network = TestNetworks.Create();
        using var engine = new GenerationEngine(network, new GenerationEngineOptions { SlotCount = 4, PromptTokensPerStep = 6 });
        AssertBalanced(() =>
        {
            for (var generation = 0; generation < 100; generation++)
            {
                while (engine.FreeSlotCount == 0)
                {
                    engine.Step();
                }

                engine.Admit(engine.CreateSequence(
                    TestNetworks.RandomRows(generation, 1 + generation % 11)[0],
                    new GenerationOptions { MaximumNewTokens = generation % 50 == 0 ? 40 : 3, Temperature = generation % 2, ContextOverflow = ContextOverflow.Slide }));
            }

            while (engine.SequenceCount > 0)
            {
                engine.Step();
            }
        });
    }

    [Fact]
    public void ATrainingStepLeavesNothingButGradients()
    {
        using var network = TestNetworks.Create(TestNetworks.SmallConfig with { Dropout = 0.1 }, Precision.BFloat16);
        network.train();
        AssertBalanced(() =>
        {
            using (var batch = TokenBatch.Create(TestNetworks.RandomRows(1, 9, 7), 0, CPU))
            using (var hidden = network.forward(batch.Ids))
            using (var loss = LanguageModelLoss.Backward(network, hidden, batch.Ids))
            {
                Assert.True(float.IsFinite(loss.item<float>()));
            }

            network.zero_grad();
        });
    }

    [Fact]
    public void LoadingSavingAndCloningLeaveNoTensorBehind()
    {
        using var directory = new TemporaryDirectory();
        using var model = TestNetworks.CreateLanguageModel();
        AssertBalanced(() =>
        {
            model.Save(directory.Path);
            using var loaded = LanguageModel.Load(directory.Path, Precision.BFloat16, "cpu");
            using var clone = loaded.Clone();
        });
    }

    [Fact]
    public void AFailedLoadLeavesNoTensorBehind()
    {
        using var directory = new TemporaryDirectory();
        using var model = TestNetworks.CreateLanguageModel();
        model.Save(directory.Path);
        using (no_grad())
        {
            foreach (var parameter in model.Network.parameters().Skip(5).Take(1))
            {
                parameter.fill_(float.NaN);
            }
        }

        model.Save(directory.Path);
        AssertBalanced(() => Assert.Throws<InvalidDataException>(() => LanguageModel.Load(directory.Path, Precision.Float32, "cpu")));
    }

    // The counter is the thread's own, so that other tests do not disturb it.
    private static void AssertBalanced(Action action)
    {
        action();
        var statistics = DisposeScopeManager.Statistics;
        var live = statistics.ThreadTotalLiveCount;
        for (var repetition = 0; repetition < 3; repetition++)
        {
            action();
        }

        Assert.Equal(live, statistics.ThreadTotalLiveCount);
    }
}
