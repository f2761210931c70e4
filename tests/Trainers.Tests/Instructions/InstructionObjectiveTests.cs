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
        var objective = Objective(examples);
        using var batch = objective.Batches(new EpochStart(2, 0, 0)).Single();

        model.Network.train();
        var loss = objective.Backward(batch, BatchShare.Whole).ToDouble();
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

        var together = ResponseLoss.Of(model, examples, batchSize: 7);
        var apart = examples.Select(example => ResponseLoss.Of(model, [example], batchSize: 1)).ToArray();

        Assert.Equal(apart.Sum(loss => loss.Sum), together.Sum, 2);
        Assert.Equal(examples.Sum(example => example.Targets.Count(target => target >= 0)), together.Tokens);
        Assert.Equal(together.Sum / together.Tokens, together.Mean);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Batches_hold_every_example_once_and_little_padding(bool packs)
    {
        var examples = Examples(new Random(4), 500, 120);
        var objective = Objective(examples, batchSize: 16, packs);

        var (steps, tokens, places) = (0, 0, 0L);
        foreach (var batch in objective.Batches(new EpochStart(5, 0, 0)))
        {
            using (batch)
            {
                steps++;
                tokens += batch.Tokens.TokenCount;
                places += batch.Tokens.Ids.numel();
            }
        }

        Assert.Equal(objective.StepsPerEpoch, steps);
        Assert.Equal(examples.Sum(example => example.Inputs.Length), tokens);
        Assert.InRange(places / (double)tokens, 1, 1.15);
        Assert.Equal((examples.Length + 15) / 16, objective.StepsPerEpoch);
    }

    [Fact]
    public void Packed_examples_have_the_loss_and_the_gradient_that_they_have_apart()
    {
        var examples = Examples(new Random(6), 12, 60);

        (double Loss, torch.Tensor[] Gradients) Step(bool packs)
        {
            var objective = Objective(examples, batchSize: 12, packs);
            using var batch = objective.Batches(new EpochStart(1, 0, 0)).Single();
            Assert.Equal(packs, batch.Documents is not null);
            model.Network.train();
            var loss = objective.Backward(batch, BatchShare.Whole).ToDouble();
            var gradients = model.Network.parameters().Select(parameter => parameter.grad!.clone()).ToArray();
            model.Network.zero_grad();
            return (loss, gradients);
        }

        var (apart, packed) = (Step(packs: false), Step(packs: true));

        Assert.Equal(apart.Loss, packed.Loss, 5);
        Assert.All(apart.Gradients.Zip(packed.Gradients), pair => Assert.True((pair.First - pair.Second).abs().max().ToDouble() < 1e-5));
    }

    [Fact]
    public void A_part_of_a_packed_batch_keeps_its_documents()
    {
        var objective = Objective(Examples(new Random(7), 12, 60), batchSize: 12, packs: true);
        using var batch = objective.Batches(new EpochStart(1, 0, 0)).Single();

        using var part = batch.Slice(1, batch.Tokens.RowCount - 1);

        Assert.Equal(part.Tokens.Ids.shape, part.Documents!.shape);
        Assert.Equal(batch.Documents!.select(0, 1).narrow(0, 0, part.Tokens.Ids.shape[1]).data<long>().ToArray(), part.Documents.select(0, 0).data<long>().ToArray());
    }

    private InstructionObjective Objective(InstructionExample[] examples, int batchSize = 3, bool packs = false) => new(
        model, new InstructionTuningOptions { PacksExamples = packs, Training = Tasks.Training with { BatchSize = batchSize } }, examples, []);

    private static InstructionExample[] Examples(Random random, int count, int longest) => Enumerable.Range(0, count).Select(_ =>
    {
        var ids = Enumerable.Range(0, random.Next(4, longest)).Select(_ => random.Next(300)).ToArray();
        var prompt = random.Next(1, ids.Length - 1);
        return new InstructionExample(ids[..^1], ids.Skip(1).Select((id, position) => position < prompt ? LanguageModelLoss.Ignored : id).ToArray());
    }).ToArray();
}
