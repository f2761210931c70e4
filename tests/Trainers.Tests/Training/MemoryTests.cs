using Microsoft.ML;
using TorchSharp;

namespace MLNetLlm.Trainers.Tests.Training;

/// <summary>Alone, because tensors are counted for the whole process.</summary>
[CollectionDefinition(nameof(MemoryTests), DisableParallelization = true)]
[Collection(nameof(MemoryTests))]
public class MemoryTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Native_memory_stays_flat_over_the_steps_of_a_run(bool recomputes)
    {
        var ml = new MLContext(seed: 1);
        var counts = new List<long>();

        ml.BinaryClassification.Trainers.TextClassification(new TextClassificationOptions
        {
            Network = Corpus.Network with { Dropout = 0.1 },
            BytePairs = Corpus.BytePairs,
            LanguageModelLossWeight = 0.3,
            ClassWeights = ClassWeights.Balanced,
            Training = Corpus.Training with { Epochs = 5, MaximumTokensPerForward = 200, WeightAverageDecay = 0.9, RecomputesActivations = recomputes, StopWhen = Count },
        }).Fit(Corpus.View(ml)).Dispose();

        // Some batches of several parts are prepared ahead; a leak of one tensor a step would be more.
        Assert.True(counts.Count > 60, $"{counts.Count} steps");
        Assert.InRange(counts[^5..].Min() - counts[5..10].Max(), long.MinValue, 20);

        bool Count(TrainingProgress progress)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            counts.Add(torch.Tensor.TotalCount);
            return false;
        }
    }
}
