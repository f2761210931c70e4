using TorchSharp;
using static TorchSharp.torch;

namespace MLNetLlm.Models;

/// <summary>
/// The loss of a vocabulary projection that is one matrix, on the processor: its gradient is written down rather than left to
/// a graph, so that the scores of a chunk exist once, in the type of the products, and the matrix is cast once.
/// </summary>
internal static class ProjectedLoss
{
    // Large enough that the matrix and its gradient are gone through a few times only; the memory is used again for every chunk.
    private const long BytesAtOnce = 64 << 20;

    public static bool IsFor(LinearLayer? head, Tensor hidden) =>
        head is { Adapter: null } && hidden.device_type == DeviceType.CPU && hidden.dtype == ScalarType.Float32;

    /// <summary>Back-propagates through the projection and the network before it.</summary>
    /// <param name="head">The projection.</param>
    /// <param name="hidden">[positions, width]; at least one.</param>
    /// <param name="targets">[positions] Int64; those that are <see cref="LanguageModelLoss.Ignored"/> do not count.</param>
    /// <param name="factor">What the gradient is multiplied with.</param>
    /// <param name="labelSmoothing">Share of the target's probability that is spread over the vocabulary.</param>
    /// <returns>The sum of the losses, a scalar without a graph.</returns>
    public static Tensor Backward(LinearLayer head, Tensor hidden, Tensor targets, double factor, double labelSmoothing)
    {
        using var scope = NewDisposeScope();
        var losses = empty(hidden.shape[0], ScalarType.Float32);
        var gradient = Differentiate(head, hidden.detach(), targets, losses, factor, labelSmoothing);
        if (hidden.requires_grad)
        {
            autograd.backward(hidden, gradient);
        }

        return losses.sum().MoveToOuterDisposeScope();
    }

    private static Tensor Differentiate(LinearLayer head, Tensor hidden, Tensor targets, Tensor losses, double factor, double labelSmoothing)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        var type = head.ComputeScalarType;
        var (inputs, weight) = (hidden.to(type), head.Weight.detach().to(type));
        var (positions, vocabulary) = (hidden.shape[0], weight.shape[0]);
        var chunkSize = Math.Clamp(BytesAtOnce / (vocabulary * weight.ElementSize), 1, positions);
        var (scores, transposed) = (empty(chunkSize, vocabulary, type), weight.t());
        var gradient = empty(hidden.shape, type);
        var weightGradient = head.Weight.requires_grad ? empty(weight.shape, type) : null;
        var biasGradient = head.Bias is { requires_grad: true } ? zeros(vocabulary, ScalarType.Float32) : null;
        for (long start = 0; start < positions; start += chunkSize)
        {
            using var chunkScope = NewDisposeScope();
            var count = Math.Min(chunkSize, positions - start);
            var (chunk, input) = (scores.narrow(0, 0, count), inputs.narrow(0, start, count));
            if (head.Bias is not null)
            {
                chunk.copy_(head.Bias);
            }

            chunk.addmm_(input, transposed, beta: head.Bias is null ? 0 : 1);
            CrossEntropyKernel.ToGradient(chunk, targets.narrow(0, start, count), losses.narrow(0, start, count), factor, labelSmoothing);
            gradient.narrow(0, start, count).addmm_(chunk, weight, beta: 0);
            weightGradient?.addmm_(chunk.t(), input, beta: start == 0 ? 0 : 1);
            biasGradient?.add_(chunk.sum(0L, type: ScalarType.Float32));
        }

        AddGradient(head.Weight, weightGradient);
        AddGradient(head.Bias, biasGradient);
        return gradient.to(ScalarType.Float32).MoveToOuterDisposeScope();
    }

    private static void AddGradient(Tensor? parameter, Tensor? gradient)
    {
        if (parameter is null || gradient is null)
        {
            return;
        }

        if (parameter.grad is { } already)
        {
            already.add_(gradient);
        }
        else
        {
            parameter.grad = gradient.to(ScalarType.Float32);
        }
    }
}
