using MLNetLlm.Models;
using MLNetLlm.Transforms;
using TorchSharp;

namespace MLNetLlm.Trainers.Tests.Classification;

public class ClassificationObjectiveTests
{
    [Fact]
    public void The_gradient_is_that_of_the_class_loss_plus_the_weighted_language_model_loss()
    {
        const double weight = 0.3;
        var rows = Corpus.Messages(24).Select(message => new LabelledText(message.Text!, message.Label ? 1 : 0)).ToList();
        var options = new TextClassificationOptions { Network = Corpus.Network, BytePairs = Corpus.BytePairs, Training = Corpus.Training };
        using var both = Model(rows);
        using var apart = Model(rows);

        Accumulate(both, options with { LanguageModelLossWeight = weight }, rows);
        Accumulate(apart, options, rows);
        foreach (var batch in Objective(both, options with { LanguageModelLossWeight = weight }, rows).Batches(new EpochStart(1, 0, 0)))
        {
            using (batch)
            {
                var hidden = apart.Network.Backbone.call(batch.Tokens.Ids);
                LanguageModelLoss.Backward(apart.Network.Backbone, hidden, batch.Targets!, weight);
            }
        }

        foreach (var ((name, together), (_, separate)) in both.Network.named_parameters().Zip(apart.Network.named_parameters()))
        {
            Assert.True(together.grad!.allclose(separate.grad!, 1e-3, 1e-6), name);
        }
    }

    private static TextClassificationModel Model(IReadOnlyList<LabelledText> rows)
    {
        var tokenizer = BytePairLearner.Learn(rows.Select(row => row.Text), Corpus.BytePairs);
        var language = LanguageModel.Create(Corpus.Network, tokenizer, Precision.Float32, torch.CPU, seed: 1);
        return TextClassificationModel.Create(language, ["ham", "spam"], Pooling.LastTokenAndMean, 32, dropout: 0, seed: 1, framesTexts: true);
    }

    private static ClassificationObjective Objective(TextClassificationModel model, TextClassificationOptions options, IReadOnlyList<LabelledText> rows) =>
        new(model, options, rows, [], TruncationReport.None);

    private static void Accumulate(TextClassificationModel model, TextClassificationOptions options, IReadOnlyList<LabelledText> rows)
    {
        using var objective = Objective(model, options, rows);
        foreach (var batch in objective.Batches(new EpochStart(1, 0, 0)))
        {
            using (batch)
            using (torch.NewDisposeScope())
            {
                objective.Backward(batch, BatchShare.Whole);
            }
        }
    }
}
