using MLNetLlm.Models;
using MLNetLlm.Transforms;
using TorchSharp;

namespace MLNetLlm.Trainers;

/// <summary>
/// Predict each next token of the responses (Ouyang et al. 2022, section 3.4); the prompts are only read, unless they are to
/// be learned too. Batches hold examples of similar length, so that little is padded.
/// </summary>
internal sealed class InstructionObjective(
    LanguageModel model, TrainingOptions training, IReadOnlyList<InstructionExample> examples, IReadOnlyList<InstructionExample> validationExamples)
    : IObjective
{
    private readonly int[] lengths = examples.Select(example => example.Inputs.Length).ToArray();

    public string Stage => "instruction tuning";

    public torch.nn.Module Network => model.Network;

    public int StepsPerEpoch => (examples.Count + training.BatchSize - 1) / training.BatchSize;

    public IEnumerable<TrainingBatch> Batches(Random random) =>
        LengthBucketedBatches.Plan(lengths, training.BatchSize, random).Select(rows => ToBatch(model, Array.ConvertAll(rows, row => examples[row])));

    public torch.Tensor Backward(TrainingBatch batch)
    {
        var hidden = model.Network.call(batch.Tokens.Ids);
        return LanguageModelLoss.Backward(model.Network, hidden, batch.Targets!);
    }

    public ValidationResult? Validate() =>
        validationExamples.Count == 0 ? null : new ValidationResult(Loss(model, validationExamples, training.BatchSize).Mean, Accuracy: null);

    public void Save(string directory)
    {
        if (model.Network.Adapters is null)
        {
            model.Save(directory);
        }
        else
        {
            LoraCheckpoint.Save(model.Network, directory);
        }
    }

    /// <summary>The loss over all tokens that count, in nats, without gradients.</summary>
    public static ResponseLoss Loss(LanguageModel model, IReadOnlyList<InstructionExample> examples, int batchSize)
    {
        using var noGradient = torch.no_grad();
        var (sum, tokens) = (0.0, 0L);
        foreach (var rows in LengthBuckets.Plan(examples.Select(example => example.Inputs.Length).ToArray(), batchSize, int.MaxValue))
        {
            using var scope = torch.NewDisposeScope();
            var some = Array.ConvertAll(rows, row => examples[row]);
            using var batch = ToBatch(model, some);
            var hidden = model.Network.call(batch.Tokens.Ids);
            sum += LanguageModelLoss.Evaluate(model.Network, hidden, batch.Targets!, torch.nn.Reduction.Sum).ToDouble();
            tokens += some.Sum(example => example.Targets.LongCount(target => target != LanguageModelLoss.Ignored));
        }

        return new ResponseLoss(sum, tokens);
    }

    private static TrainingBatch ToBatch(LanguageModel model, InstructionExample[] rows)
    {
        var device = model.Network.Device;
        var tokens = TokenBatch.Create(Array.ConvertAll(rows, row => row.Inputs), TokenRows.PaddingId(model.Tokenizer), device);
        var time = (int)tokens.Ids.shape[1];
        var targets = new long[rows.Length * time];
        Array.Fill(targets, LanguageModelLoss.Ignored);
        for (var row = 0; row < rows.Length; row++)
        {
            rows[row].Targets.CopyTo(targets, row * time);
        }

        return new TrainingBatch(tokens, torch.tensor(targets, rows.Length, time, device: device), Labels: null);
    }
}

/// <param name="Sum">Sum over the tokens that count, in nats.</param>
/// <param name="Tokens">How many count.</param>
internal readonly record struct ResponseLoss(double Sum, long Tokens)
{
    public double Mean => Sum / Tokens;
}
