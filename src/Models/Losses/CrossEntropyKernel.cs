using System.Buffers;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNetLlm.Models;

/// <summary>
/// Cross-entropy and its gradient in one walk over rows of scores on the processor, in the memory of the scores. As tensor
/// operations this is a chain of copies of the largest tensor of a training step.
/// </summary>
internal static class CrossEntropyKernel
{
    /// <summary>Replaces scores by the gradient of their loss.</summary>
    /// <param name="scores">[rows, vocabulary] Float32 or BFloat16, contiguous.</param>
    /// <param name="targets">[rows] Int64, each below vocabulary or <see cref="LanguageModelLoss.Ignored"/>.</param>
    /// <param name="losses">[rows] Float32, written: the loss in nats, 0 where a row does not count.</param>
    /// <param name="factor">What the gradient is multiplied with.</param>
    /// <param name="labelSmoothing">Share of the target's probability that is spread over the vocabulary.</param>
    public static void ToGradient(Tensor scores, Tensor targets, Tensor losses, double factor, double labelSmoothing)
    {
        var (rows, vocabulary) = ((int)scores.shape[0], (int)scores.shape[1]);
        var isNarrow = scores.dtype == ScalarType.BFloat16;
        var (scoreMemory, targetMemory, lossMemory) = (new TensorMemory(scores), new TensorMemory(targets), new TensorMemory(losses));
        var parts = Math.Min(get_num_threads(), rows);
        Parallel.For(0, parts, part =>
        {
            var wide = ArrayPool<float>.Shared.Rent(isNarrow ? vocabulary : 0);
            for (var row = (int)((long)rows * part / parts); row < (int)((long)rows * (part + 1) / parts); row++)
            {
                var target = (int)MemoryMarshal.Read<long>(targetMemory.Bytes(row * sizeof(long), sizeof(long)));
                var loss = lossMemory.Singles(row, 1);
                if (isNarrow)
                {
                    var stored = MemoryMarshal.Cast<byte, ushort>(scoreMemory.Bytes((long)row * vocabulary * sizeof(ushort), vocabulary * sizeof(ushort)));
                    var values = wide.AsSpan(0, vocabulary);
                    BFloat16Memory.Widen(stored, values);
                    loss[0] = ToGradient(values, target, (float)factor, (float)labelSmoothing);
                    BFloat16Memory.Narrow(values, stored);
                }
                else
                {
                    loss[0] = ToGradient(scoreMemory.Singles((long)row * vocabulary, vocabulary), target, (float)factor, (float)labelSmoothing);
                }
            }

            ArrayPool<float>.Shared.Return(wide);
        });
    }

    // With the largest score subtracted nothing overflows, and the loss needs no probability that could round to zero.
    private static float ToGradient(Span<float> scores, int target, float factor, float labelSmoothing)
    {
        if (target == LanguageModelLoss.Ignored)
        {
            scores.Clear();
            return 0;
        }

        var ofTarget = scores[target];
        var (largest, mean) = (Largest(scores), labelSmoothing > 0 ? Sum(scores) / scores.Length : 0);
        var sum = Exponentiate(scores, largest);
        Scale(scores, factor / sum, -labelSmoothing * factor / scores.Length);
        scores[target] -= (1 - labelSmoothing) * factor;
        var logarithm = MathF.Log(sum) + largest;
        return (1 - labelSmoothing) * (logarithm - ofTarget) + (labelSmoothing > 0 ? labelSmoothing * (logarithm - mean) : 0);
    }

    private static float Largest(ReadOnlySpan<float> values)
    {
        var vectors = MemoryMarshal.Cast<float, Vector512<float>>(values);
        var largest = Vector512.Create(float.NegativeInfinity);
        foreach (var vector in vectors)
        {
            largest = Vector512.Max(largest, vector);
        }

        var result = float.NegativeInfinity;
        for (var lane = 0; lane < Vector512<float>.Count; lane++)
        {
            result = MathF.Max(result, largest[lane]);
        }

        foreach (var value in values[(vectors.Length * Vector512<float>.Count)..])
        {
            result = MathF.Max(result, value);
        }

        return result;
    }

    private static float Sum(ReadOnlySpan<float> values)
    {
        var vectors = MemoryMarshal.Cast<float, Vector512<float>>(values);
        var sums = Vector512<float>.Zero;
        foreach (var vector in vectors)
        {
            sums += vector;
        }

        var sum = Vector512.Sum(sums);
        foreach (var value in values[(vectors.Length * Vector512<float>.Count)..])
        {
            sum += value;
        }

        return sum;
    }

    // Replaces values by exp(value - largest) and returns their sum.
    private static float Exponentiate(Span<float> values, float largest)
    {
        var vectors = MemoryMarshal.Cast<float, Vector512<float>>(values);
        var (subtracted, sums) = (Vector512.Create(largest), Vector512<float>.Zero);
        foreach (ref var vector in vectors)
        {
            vector = Exponential.Of(vector - subtracted);
            sums += vector;
        }

        var sum = Vector512.Sum(sums);
        foreach (ref var value in values[(vectors.Length * Vector512<float>.Count)..])
        {
            value = MathF.Exp(value - largest);
            sum += value;
        }

        return sum;
    }

    private static void Scale(Span<float> values, float factor, float offset)
    {
        var vectors = MemoryMarshal.Cast<float, Vector512<float>>(values);
        var (factors, offsets) = (Vector512.Create(factor), Vector512.Create(offset));
        foreach (ref var vector in vectors)
        {
            vector = Vector512.FusedMultiplyAdd(vector, factors, offsets);
        }

        foreach (ref var value in values[(vectors.Length * Vector512<float>.Count)..])
        {
            value = value * factor + offset;
        }
    }
}
