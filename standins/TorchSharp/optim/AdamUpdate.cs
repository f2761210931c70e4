using System;
using TorchSharp.Modules;

using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>The arithmetic that Adam and AdamW share.</summary>
internal static class AdamUpdate
{
    internal static void Validate(double lr, double beta1, double beta2, double eps, double weightDecay)
    {
        if (lr < 0)
            throw new ArgumentException($"Invalid learning rate: {lr}");
        if (eps < 0)
            throw new ArgumentException($"Invalid epsilon: {eps}");
        if (beta1 is < 0 or >= 1)
            throw new ArgumentException($"Invalid beta1: {beta1}");
        if (beta2 is < 0 or >= 1)
            throw new ArgumentException($"Invalid beta2: {beta2}");
        if (weightDecay < 0)
            throw new ArgumentException($"Invalid weight_decay value: {weightDecay}");
    }

    /// <summary>Moves the parameter by one step; the largest squares are null unless AMSGrad is on.</summary>
    internal static void Apply(
        Parameter parameter, Tensor gradient, Tensor average, Tensor squares, Tensor largestSquares, long step,
        double lr, double beta1, double beta2, double eps)
    {
        var firstCorrection = 1 - Math.Pow(beta1, step);
        var secondCorrection = 1 - Math.Pow(beta2, step);
        average.mul_((Scalar)beta1).add_(gradient, 1 - beta1);
        squares.mul_((Scalar)beta2).addcmul_(gradient, gradient, 1 - beta2);
        if (largestSquares is not null)
        {
            using var larger = maximum(largestSquares, squares);
            largestSquares.copy_(larger);
        }
        using var denominator = (largestSquares ?? squares).sqrt();
        denominator.div_((Scalar)Math.Sqrt(secondCorrection)).add_((Scalar)eps);
        parameter.addcdiv_(average, denominator, -lr / firstCorrection);
    }
}
