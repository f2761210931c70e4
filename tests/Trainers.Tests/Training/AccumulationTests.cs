using MLNetLlm.Models;
using MLNetLlm.Transforms;
using TorchSharp;

namespace MLNetLlm.Trainers.Tests.Training;

/// <summary>A step in parts is the step of the whole batch, whatever lengths and weights its rows have.</summary>
public class AccumulationTests
{
    private static readonly IReadOnlyList<LabelledText> Rows =
        Corpus.Messages(32).Select(message => new LabelledText(message.Text!, message.Label ? 1 : 0)).ToList();

    private static readonly TextTokenizer Tokenizer = BytePairLearner.Learn(Rows.Select(row => row.Text), Corpus.BytePairs);

    [Theory]
    [InlineData(40)]
    [InlineData(100)]
    public void Classification_with_class_weights_smoothing_and_a_language_model_loss(int maximumTokens)
    {
        var options = new TextClassificationOptions
        {
            Network = Corpus.Network,
            Training = Corpus.Training with { BatchSize = 32 },
            ClassWeights = ClassWeights.Of(new Dictionary<string, double> { ["spam"] = 3.5 }),
            LabelSmoothing = 0.1,
            LanguageModelLossWeight = 0.4,
        };

        Assert.True(Compare(maximumTokens, () =>
        {
            var model = TextClassificationModel.Create(Language(), ["ham", "spam"], Pooling.Mean, 32, dropout: 0, seed: 1);
            return (new ClassificationObjective(model, options, Rows, [], TruncationReport.None), model);
        }) > 2);
    }

    [Fact]
    public void Pretraining()
    {
        var options = new PretrainingOptions { Network = Corpus.Network, Training = Corpus.Training with { BatchSize = 16 } };

        Assert.True(Compare(maximumTokens: 100, () =>
        {
            var model = Language();
            var corpus = new MemoryCorpus(Rows.Select(row => model.Tokenizer.Encode(row.Text)), model.Tokenizer.EndOfTextId);
            var windows = new WindowSettings(TextPacking.Stream, Length: 32, Stride: 31, BatchSize: 16, model.Tokenizer.EndOfTextId, PaddingId: 0, torch.CPU);
            var data = new PretrainingData(new WindowSource(corpus, windows), "training", Validation: null, ValidationBatches: 0, "validation");
            return (new CausalLanguageModelObjective(model, options, data), model);
        }) > 2);
    }

    [Fact]
    public void A_part_is_no_longer_than_its_longest_row_and_no_row_is_lost()
    {
        var batch = TrainingBatch.Create([[1, 2, 3, 4, 5, 6], [1, 2], [3, 4], [5], [6, 7, 8]], 0, nextTokenTargets: true, [0, 1, 0, 1, 0], torch.CPU);

        using var parts = StepBatch.Of(batch, maximumTokens: 4);

        Assert.Equal([(1L, 6L), (2, 2), (1, 1), (1, 3)], parts.Parts.Select(part => (part.Batch.Tokens.Ids.shape[0], part.Batch.Tokens.Ids.shape[1])));
        Assert.Equal(14, parts.Parts.Sum(part => part.Batch.Tokens.TokenCount));
        Assert.Equal(1, parts.Parts.Sum(part => part.Share.Rows), 12);
        Assert.Equal([5 / 9.0, 2 / 9.0, 0, 2 / 9.0], parts.Parts.Select(part => part.Share.Targets));
        Assert.Equal([0L, 1, 0, 1, 0], parts.Parts.SelectMany(part => part.Batch.Labels!.data<long>().ToArray()));
    }

    [Fact]
    public void Parts_have_few_different_numbers_of_rows()
    {
        var batch = TrainingBatch.Create(Enumerable.Repeat(new[] { 1, 2 }, 11).ToArray(), 0, nextTokenTargets: true, labels: null, torch.CPU);

        using var parts = StepBatch.Of(batch, maximumTokens: 7);

        Assert.Equal([2, 2, 2, 2, 3], parts.Parts.Select(part => part.Batch.Tokens.RowCount));
    }

    private static LanguageModel Language() => LanguageModel.Create(Corpus.Network, Tokenizer, Precision.Float32, torch.CPU, seed: 1);

    /// <summary>Compares loss and gradients; returns the number of parts.</summary>
    private static int Compare(int maximumTokens, Func<(IObjective Objective, IDisposable Model)> create)
    {
        var (whole, wholeModel) = create();
        var (split, splitModel) = create();
        using (wholeModel)
        using (splitModel)
        {
            var expected = Backward(whole, null, out _);
            var actual = Backward(split, maximumTokens, out var parts);

            Assert.Equal(expected, actual, 1e-5 * expected);
            foreach (var ((name, one), (_, many)) in whole.Network.named_parameters().Zip(split.Network.named_parameters()))
            {
                Assert.True(one.grad is null == many.grad is null, name);
                if (one.grad is { } gradient)
                {
                    Assert.True((gradient - many.grad!).abs().max().ToDouble() <= 1e-6 * Math.Max(1, gradient.abs().max().ToDouble()), name);
                }
            }

            (whole as IDisposable)?.Dispose();
            (split as IDisposable)?.Dispose();
            return parts;
        }
    }

    private static double Backward(IObjective objective, int? maximumTokens, out int parts)
    {
        using var scope = torch.NewDisposeScope();
        using var batch = StepBatch.Of(objective.Batches(new EpochStart(1, 0, 0)).First(), maximumTokens ?? int.MaxValue);
        parts = batch.Parts.Count;
        return batch.Parts.Sum(part => objective.Backward(part.Batch, part.Share).ToDouble());
    }
}
