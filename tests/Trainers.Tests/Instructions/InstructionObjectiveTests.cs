using MLNetLlm.Models;
using TorchSharp;

namespace MLNetLlm.Trainers.Tests.Instructions;

public sealed class InstructionObjectiveTests : IDisposable
{
    private readonly LanguageModel model = Tasks.BaseModel();

    public void Dispose() => model.Dispose();

    [Fact]
    public void The_gradient_is_that_of_the_mean_over_the_response_tokens()
    {
        var examples = Examples(new Random(1), 3, 30);
        var objective = new InstructionObjective(model, Tasks.Training, examples, []);
        using var batch = objective.Batches(new Random(2)).Single();

        model.Network.train();
        var loss = objective.Backward(batch).ToDouble();
        var gradients = model.Network.parameters().Select(parameter => parameter.grad!.clone()).ToArray();
        model.Network.zero_grad();
        // Written down with nothing of ours: all logits, the library's own cross-entropy.
        var hidden = model.Network.call(batch.Tokens.Ids);
        var logits = model.Network.Logits(hidden);
        var expected = torch.nn.functional.cross_entropy(logits.view(-1, model.Config.VocabularySize), batch.Targets!.view(-1), ignore_index: -100);
        expected.backward();

        Assert.Equal(expected.ToDouble(), loss, 5);
        foreach (var (parameter, gradient) in model.Network.parameters().Zip(gradients))
        {
            Assert.True((parameter.grad! - gradient).abs().max().ToDouble() < 1e-5);
        }
    }

    [Fact]
    public void The_validation_loss_is_the_mean_over_all_response_tokens_whatever_the_batches()
    {
        var examples = Examples(new Random(3), 7, 40);

        var together = InstructionObjective.Loss(model, examples, batchSize: 7);
        var apart = examples.Select(example => InstructionObjective.Loss(model, [example], batchSize: 1)).ToArray();

        Assert.Equal(apart.Sum(loss => loss.Sum), together.Sum, 2);
        Assert.Equal(examples.Sum(example => example.Targets.Count(target => target >= 0)), together.Tokens);
        Assert.Equal(together.Sum / together.Tokens, together.Mean);
    }

    [Fact]
    public void Batches_hold_every_example_once_and_little_padding()
    {
        var examples = Examples(new Random(4), 500, 120);
        var objective = new InstructionObjective(model, Tasks.Training with { BatchSize = 16 }, examples, []);

        var (rows, tokens, places) = (0, 0, 0L);
        foreach (var batch in objective.Batches(new Random(5)))
        {
            using (batch)
            {
                rows += batch.Tokens.RowCount;
                tokens += batch.Tokens.TokenCount;
                places += batch.Tokens.Ids.numel();
            }
        }

        Assert.Equal(examples.Length, rows);
        Assert.Equal(examples.Sum(example => example.Inputs.Length), tokens);
        Assert.InRange(places / (double)tokens, 1, 1.15);
        Assert.Equal((examples.Length + 15) / 16, objective.StepsPerEpoch);
    }

    private static InstructionExample[] Examples(Random random, int count, int longest) => Enumerable.Range(0, count).Select(_ =>
    {
        var ids = Enumerable.Range(0, random.Next(4, longest)).Select(_ => random.Next(300)).ToArray();
        var prompt = random.Next(1, ids.Length - 1);
        return new InstructionExample(ids[..^1], ids.Skip(1).Select((id, position) => position < prompt ? LanguageModelLoss.Ignored : id).ToArray());
    }).ToArray();
}
