using MLNetLlm.Models;
using TorchSharp;

namespace MLNetLlm.Trainers;

/// <summary>How well hidden tokens were found out.</summary>
/// <param name="LossSum">Sum of their negative log-probabilities, in nats.</param>
/// <param name="Correct">How many of them the network finds most likely.</param>
/// <param name="Tokens">How many there are.</param>
internal readonly record struct MaskedTokenScore(double LossSum, long Correct, long Tokens)
{
    private const long PositionsAtOnce = 512;

    public double Loss => LossSum / Tokens;

    public double Accuracy => Correct / (double)Tokens;

    /// <summary>Scores a batch; the network must be in evaluation mode.</summary>
    public static MaskedTokenScore Of(TransformerModel network, TrainingBatch batch)
    {
        using var scope = torch.NewDisposeScope();
        using var noGradient = torch.no_grad();
        var hidden = network.Forward(batch.Tokens.Ids, batch.Tokens.Lengths).reshape(-1, network.Width);
        var targets = batch.Targets!.reshape(-1);
        var chosen = targets.ne(KeptScalar.Of(LanguageModelLoss.Ignored)).nonzero().squeeze(1);
        var total = default(MaskedTokenScore);
        for (long start = 0; start < chosen.shape[0]; start += PositionsAtOnce)
        {
            using var part = torch.NewDisposeScope();
            var positions = chosen.narrow(0, start, Math.Min(PositionsAtOnce, chosen.shape[0] - start));
            var (scores, expected) = (network.Logits(hidden.index_select(0, positions)), targets.index_select(0, positions));
            total += new MaskedTokenScore(
                torch.nn.functional.cross_entropy(scores, expected, reduction: torch.nn.Reduction.Sum).ToDouble(),
                scores.argmax(1).eq(expected).sum().ToInt64(),
                positions.shape[0]);
        }

        return total;
    }

    public static MaskedTokenScore operator +(MaskedTokenScore a, MaskedTokenScore b) =>
        new(a.LossSum + b.LossSum, a.Correct + b.Correct, a.Tokens + b.Tokens);
}
