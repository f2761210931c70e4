using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace MLNetLlm.Trainers;

/// <summary>
/// AdamW's arithmetic (Loshchilov and Hutter 2019, algorithm 2) in one walk over memory: as a chain of tensor operations it
/// goes over gradients, moments and weights a dozen times.
/// </summary>
internal static class AdamWKernel
{
    // Short enough for the sum of its squares to keep its digits in 32 bits.
    private const int BlockLength = 4096;

    /// <summary>The sum of the squares, in 64 bits.</summary>
    public static double SumOfSquares(ReadOnlySpan<float> values)
    {
        var sum = 0.0;
        for (; values.Length > BlockLength; values = values[BlockLength..])
        {
            sum += SumOfBlock(values[..BlockLength]);
        }

        return sum + SumOfBlock(values);
    }

    /// <summary>Brings the moments up to date and moves the weights.</summary>
    public static void Update(Span<float> weights, ReadOnlySpan<float> gradients, Span<float> first, Span<float> second, AdamWStep step)
    {
        var manyWeights = MemoryMarshal.Cast<float, Vector512<float>>(weights);
        var manyGradients = MemoryMarshal.Cast<float, Vector512<float>>(gradients);
        var manyFirst = MemoryMarshal.Cast<float, Vector512<float>>(first);
        var manySecond = MemoryMarshal.Cast<float, Vector512<float>>(second);
        for (var index = 0; index < manyWeights.Length; index++)
        {
            manyWeights[index] = Update(manyWeights[index], manyGradients[index], ref manyFirst[index], ref manySecond[index], step);
        }

        for (var index = manyWeights.Length * Vector512<float>.Count; index < weights.Length; index++)
        {
            var (oneFirst, oneSecond) = (Vector512.Create(first[index]), Vector512.Create(second[index]));
            weights[index] = Update(Vector512.Create(weights[index]), Vector512.Create(gradients[index]), ref oneFirst, ref oneSecond, step)[0];
            (first[index], second[index]) = (oneFirst[0], oneSecond[0]);
        }
    }

    private static Vector512<float> Update(
        Vector512<float> weight, Vector512<float> gradient, ref Vector512<float> first, ref Vector512<float> second, in AdamWStep step)
    {
        var scaled = gradient * step.GradientScale;
        first = first * step.Beta1 + scaled * (1 - step.Beta1);
        second = second * step.Beta2 + scaled * scaled * (1 - step.Beta2);
        var size = Vector512.Sqrt(second) * step.SecondCorrection + Vector512.Create(step.Epsilon);
        return weight * step.Kept - first / size * step.Rate;
    }

    private static double SumOfBlock(ReadOnlySpan<float> values)
    {
        var vectors = MemoryMarshal.Cast<float, Vector512<float>>(values);
        var sums = Vector512<float>.Zero;
        foreach (var vector in vectors)
        {
            sums += vector * vector;
        }

        var sum = Vector512.Sum(sums);
        foreach (var value in values[(vectors.Length * Vector512<float>.Count)..])
        {
            sum += value * value;
        }

        return sum;
    }
}

/// <summary>The numbers of one update of one parameter.</summary>
/// <param name="GradientScale">What gradients are multiplied with first: clipping.</param>
/// <param name="Beta1">Decay rate of the first moment.</param>
/// <param name="Beta2">Decay rate of the second moment.</param>
/// <param name="Epsilon">Added to the root of the corrected second moment.</param>
/// <param name="Kept">Share of a weight that its decay leaves.</param>
/// <param name="Rate">Learning rate, corrected for the first moment's start at zero.</param>
/// <param name="SecondCorrection">Corrects the root of the second moment for its start at zero.</param>
internal readonly record struct AdamWStep(
    float GradientScale, float Beta1, float Beta2, float Epsilon, float Kept, float Rate, float SecondCorrection)
{
    public static AdamWStep Of(OptimizerOptions options, double gradientScale, double learningRate, double decay, long step) => new(
        (float)gradientScale,
        (float)options.Beta1,
        (float)options.Beta2,
        (float)options.Epsilon,
        (float)(1 - learningRate * decay),
        (float)(learningRate / (1 - Math.Pow(options.Beta1, step))),
        (float)(1 / Math.Sqrt(1 - Math.Pow(options.Beta2, step))));
}
