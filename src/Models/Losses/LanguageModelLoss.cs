using TorchSharp;
using static TorchSharp.torch;

namespace MLNetLlm.Models;

/// <summary>
/// Next-token cross-entropy in nats. For large vocabularies scores are computed for a few positions at a time, so that
/// [tokens x vocabulary] never exists at once.
/// </summary>
public static class LanguageModelLoss
{
    /// <summary>Target of a position that does not count.</summary>
    public const long Ignored = -100;

    // Below the smallest Float32 a logarithm would be infinite; a loss above 87 nats is reported as 87.
    private const double SmallestProbability = 1e-38;

    // 32 MB: small enough to stay near the processor, large enough to fill it.
    private const long ScoresAtOnce = 8 << 20;

    /// <summary>Mean loss over the positions that count, back-propagated through the network at once.</summary>
    /// <param name="model">The network that made the hidden states.</param>
    /// <param name="hidden">[..., width] with a graph behind it, from a forward pass in training.</param>
    /// <param name="targets">Int64, the shape of <paramref name="hidden"/> without its last dimension; <see cref="Ignored"/> does not count.</param>
    /// <param name="scale">What the gradients are multiplied with.</param>
    /// <param name="labelSmoothing">Share of the target's probability that is spread over the vocabulary, 0 to 1.</param>
    /// <returns>The mean loss (a scalar without a graph, not scaled); 0 where nothing counts.</returns>
    public static Tensor Backward(TransformerModel model, Tensor hidden, Tensor targets, double scale = 1, double labelSmoothing = 0) =>
        Backward(model, hidden, targets, scale, labelSmoothing, ScoresAtOnce);

    /// <summary>Losses without gradients.</summary>
    /// <param name="model">The network that made the hidden states.</param>
    /// <param name="hidden">[..., width].</param>
    /// <param name="targets">Int64, the shape of <paramref name="hidden"/> without its last dimension; <see cref="Ignored"/> does not count.</param>
    /// <param name="reduction">
    /// <see cref="nn.Reduction.None"/>: the shape of <paramref name="targets"/>, 0 where a position does not count; otherwise a
    /// scalar over the positions that count, 0 where none does.
    /// </param>
    /// <returns>Float32.</returns>
    public static Tensor Evaluate(TransformerModel model, Tensor hidden, Tensor targets, nn.Reduction reduction = nn.Reduction.Mean) =>
        Evaluate(model, hidden, targets, reduction, ScoresAtOnce);

    private static Tensor Backward(
        TransformerModel model, Tensor hidden, Tensor targets, double scale, double labelSmoothing, long scoresAtOnce)
    {
        using var scope = NewDisposeScope();
        var positions = CountedPositions.Of(model, hidden, targets);
        if (positions.Count > 0 && ProjectedLoss.IsFor(model.VocabularyLayer, positions.Hidden))
        {
            return ProjectedLoss.Backward(model.VocabularyLayer!, positions.Hidden, positions.Targets, scale / positions.Count, labelSmoothing)
                .div(KeptScalar.Of(positions.Count))
                .MoveToOuterDisposeScope();
        }

        var sum = zeros(1, device: hidden.device).squeeze();
        var rows = positions.Hidden.shape[0];
        var chunkSize = Math.Max(1, scoresAtOnce / model.VocabularySize);
        var factor = positions.Divisor.reciprocal().mul(KeptScalar.Of(scale));
        if (positions.Count > 0 && rows <= chunkSize)
        {
            sum = BackPropagate(model, positions.Hidden, positions.Targets, factor, labelSmoothing);
        }
        else if (positions.Count > 0)
        {
            var gradient = empty_like(positions.Hidden);
            var detached = positions.Hidden.detach();
            for (long start = 0; start < rows; start += chunkSize)
            {
                using var chunkScope = NewDisposeScope();
                var count = Math.Min(chunkSize, rows - start);
                var chunk = detached.narrow(0, start, count).detach().requires_grad_(true);
                sum.add_(BackPropagate(model, chunk, positions.Targets.narrow(0, start, count), factor, labelSmoothing));
                gradient.narrow(0, start, count).copy_(chunk.grad!);
            }

            // Only now through the network: its graph is walked once with the whole gradient.
            if (positions.Hidden.requires_grad)
            {
                autograd.backward(positions.Hidden, gradient);
            }
        }

        return sum.div(positions.Divisor).MoveToOuterDisposeScope();
    }

    private static Tensor Evaluate(TransformerModel model, Tensor hidden, Tensor targets, nn.Reduction reduction, long scoresAtOnce)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var flatHidden = hidden.reshape(-1, model.Width);
        var flatTargets = Flat(targets, flatHidden);
        var losses = zeros(flatTargets.shape, ScalarType.Float32, hidden.device);
        var counted = CountedIndices(flatTargets);
        var chunkSize = Math.Max(1, scoresAtOnce / model.VocabularySize);
        for (long start = 0; start < counted.shape[0]; start += chunkSize)
        {
            using var chunkScope = NewDisposeScope();
            var indices = counted.narrow(0, start, Math.Min(chunkSize, counted.shape[0] - start));
            var logits = model.Logits(flatHidden.index_select(0, indices));
            var chunk = nn.functional.cross_entropy(
                logits, flatTargets.index_select(0, indices), ignore_index: Ignored, reduction: nn.Reduction.None);
            losses.index_copy_(0, indices, chunk);
        }

        var result = reduction switch
        {
            nn.Reduction.None => losses.view(targets.shape),
            nn.Reduction.Sum => losses.sum(),
            nn.Reduction.Mean => losses.sum().div(Counted(flatTargets)),
            _ => throw new ArgumentOutOfRangeException(nameof(reduction), reduction, "Expected None, Mean or Sum."),
        };
        return result.MoveToOuterDisposeScope();
    }

    // The gradient of cross-entropy is the probabilities less the target's one. Writing it down takes a third of the time
    // that the library's own chain of log-softmax and its gradient takes, which is much for large vocabularies.
    private static Tensor BackPropagate(TransformerModel model, Tensor hidden, Tensor targets, Tensor factor, double labelSmoothing)
    {
        var logits = model.Logits(hidden);
        using var withoutGraph = no_grad();
        var counted = targets.ne(KeptScalar.Of(Ignored)).to(ScalarType.Float32);
        var chosen = targets.clamp_min(KeptScalar.Of(0)).unsqueeze(1);
        var gradient = logits.softmax(-1);
        var losses = gradient.gather(1, chosen).squeeze(1).clamp_min(KeptScalar.Of(SmallestProbability)).log().neg();
        if (labelSmoothing > 0)
        {
            var uniform = logits.logsumexp(-1).sub(logits.mean([-1]));
            losses = losses.mul(KeptScalar.Of(1 - labelSmoothing)).add(uniform, KeptScalar.Of(labelSmoothing));
            gradient.sub_(KeptScalar.Of(labelSmoothing / model.VocabularySize));
        }

        gradient.scatter_add_(1, chosen, full_like(chosen, KeptScalar.Of(labelSmoothing - 1), ScalarType.Float32));
        gradient.mul_(counted.mul(factor).unsqueeze(1));
        if (logits.requires_grad)
        {
            autograd.backward(logits, gradient);
        }

        return losses.mul(counted).sum();
    }

    // On a device all positions, because the host would have to wait for it to know which ones count.
    private static Tensor CountedIndices(Tensor flatTargets) => flatTargets.device_type == DeviceType.CPU
        ? flatTargets.ne(KeptScalar.Of(Ignored)).nonzero().squeeze(1)
        : arange(KeptScalar.Of(flatTargets.shape[0]), ScalarType.Int64, flatTargets.device);

    private static Tensor Counted(Tensor flatTargets) => flatTargets.ne(KeptScalar.Of(Ignored)).sum().clamp_min(KeptScalar.Of(1)).to(ScalarType.Float32);

    private static Tensor Flat(Tensor targets, Tensor flatHidden)
    {
        var flat = targets.reshape(-1);
        return flat.shape[0] == flatHidden.shape[0]
            ? flat
            : throw new ArgumentException(
                $"There are {flat.shape[0]} targets for {flatHidden.shape[0]} hidden states.", nameof(targets));
    }

    /// <summary>The positions whose scores are needed, some that do not count for a round number of them, and how many count.</summary>
    /// <param name="Hidden">[positions, width].</param>
    /// <param name="Targets">[positions].</param>
    /// <param name="Divisor">How many count, at least 1, so that nothing is divided by 0.</param>
    /// <param name="Count">How many may count: on a device the host does not know which do.</param>
    private readonly record struct CountedPositions(Tensor Hidden, Tensor Targets, Tensor Divisor, long Count)
    {
        public static CountedPositions Of(TransformerModel model, Tensor hidden, Tensor targets)
        {
            var flatHidden = hidden.reshape(-1, model.Width);
            var flatTargets = Flat(targets, flatHidden);
            var divisor = Counted(flatTargets);
            var indices = CountedIndices(flatTargets);
            var count = indices.shape[0];
            var rows = Math.Min(flatTargets.shape[0], ProductShapes.PaddedRows(count, model));
            if (rows == flatTargets.shape[0])
            {
                return new CountedPositions(flatHidden, flatTargets, divisor, count);
            }

            var chosen = flatTargets.index_select(0, indices);
            if (rows > count)
            {
                indices = cat([indices, zeros(rows - count, ScalarType.Int64)]);
                chosen = cat([chosen, full(rows - count, KeptScalar.Of(Ignored), ScalarType.Int64)]);
            }

            return new CountedPositions(flatHidden.index_select(0, indices), chosen, divisor, count);
        }
    }
}
