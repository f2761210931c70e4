using MLNetLlm.Models;
using TorchSharp;

namespace MLNetLlm.Trainers;

/// <summary>A loss over the tokens of responses.</summary>
/// <param name="Sum">Sum over the tokens that count, in nats.</param>
/// <param name="Tokens">How many count.</param>
internal readonly record struct ResponseLoss(double Sum, long Tokens)
{
    public double Mean => Sum / Tokens;

    /// <summary>The loss over all tokens that count, without gradients.</summary>
    public static ResponseLoss Of(LanguageModel model, IReadOnlyList<InstructionExample> examples, int batchSize)
    {
        using var noGradient = torch.no_grad();
        var (sum, tokens) = (0.0, 0L);
        foreach (var rows in LengthBuckets.Plan(examples.Select(example => example.Inputs.Length).ToArray(), batchSize, int.MaxValue))
        {
            using var scope = torch.NewDisposeScope();
            using var batch = InstructionBatches.Create(model, Array.ConvertAll(rows, row => new[] { examples[row] }));
            var hidden = model.Network.call(batch.Tokens.Ids);
            sum += LanguageModelLoss.Evaluate(model.Network, hidden, batch.Targets!, torch.nn.Reduction.Sum).ToDouble();
            tokens += rows.Sum(row => examples[row].Targets.LongCount(target => target != LanguageModelLoss.Ignored));
        }

        return new ResponseLoss(sum, tokens);
    }
}
