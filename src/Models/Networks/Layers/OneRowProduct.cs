using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNetLlm.Models;

/// <summary>
/// y = x W' + b for one row x and bfloat16 weights, on processors with 512-bit registers. Such a product is bound by reading the
/// weights, which this does once and in order: measured on one core of a Sapphire Rapids 12-15 GB/s, where oneDNN's product has
/// 10-12. With two rows and more oneDNN is faster. Factors are rounded to bfloat16 and sums kept in 32 bits, as there.
/// </summary>
internal static unsafe class OneRowProduct
{
    private const int GroupSize = 32;
    private const int OutputsTogether = 4;

    // Below this a second thread costs more than it brings.
    private const int WeightsPerThread = 1 << 18;

    public static bool CanMultiply(Tensor input, Tensor weight) =>
        Vector512.IsHardwareAccelerated
        && input.device_type == DeviceType.CPU
        && input.shape[0] == 1
        && weight.shape[1] % GroupSize == 0
        && weight.shape[0] >= OutputsTogether
        && weight.shape[0] * weight.shape[1] * sizeof(ushort) < int.MaxValue;

    /// <param name="input">[1, inputs] BFloat16.</param>
    /// <param name="weight">[outputs, inputs] BFloat16.</param>
    /// <param name="bias">[outputs] BFloat16.</param>
    /// <returns>[1, outputs] BFloat16.</returns>
    public static Tensor Multiply(Tensor input, Tensor weight, Tensor? bias)
    {
        var (inputs, outputs) = ((int)weight.shape[1], (int)weight.shape[0]);
        var result = empty(1, outputs, ScalarType.BFloat16);
        var values = ArrayPool<float>.Shared.Rent(inputs);
        try
        {
            Spread(input, values);
            fixed (float* x = values)
            fixed (byte* w = weight.bytes)
            fixed (byte* b = bias is null ? default : bias.bytes)
            fixed (byte* y = result.bytes)
            {
                Run(new Product(x, (ushort*)w, (ushort*)b, (ushort*)y, inputs, outputs));
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(values);
        }

        return result;
    }

    // Of each group of inputs the even ones come first: a register of pairs of bfloat16 is widened to the even ones by a shift, and
    // to the odd ones by a mask.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Spread(Tensor input, Span<float> values)
    {
        using var dense = input.contiguous();
        var source = MemoryMarshal.Cast<byte, ushort>(dense.bytes);
        for (var group = 0; group < source.Length; group += GroupSize)
        {
            for (var pair = 0; pair < GroupSize / 2; pair++)
            {
                values[group + pair] = BFloat16Bits.Widen(source[group + 2 * pair]);
                values[group + GroupSize / 2 + pair] = BFloat16Bits.Widen(source[group + 2 * pair + 1]);
            }
        }
    }

    private static void Run(Product product)
    {
        var blocks = (product.Outputs + OutputsTogether - 1) / OutputsTogether;
        var parts = (int)Math.Clamp((long)product.Outputs * product.Inputs / WeightsPerThread, 1, get_num_threads());
        if (parts == 1)
        {
            product.Compute(0, blocks);
            return;
        }

        Parallel.For(0, parts, new ParallelOptions { MaxDegreeOfParallelism = parts }, part => product.Compute(
            (int)((long)blocks * part / parts), (int)((long)blocks * (part + 1) / parts)));
    }

    private sealed class Product(float* x, ushort* weights, ushort* bias, ushort* result, int inputs, int outputs)
    {
        public int Inputs => inputs;

        public int Outputs => outputs;

        public void Compute(int fromBlock, int toBlock)
        {
            for (var block = fromBlock; block < toBlock; block++)
            {
                // The last block may go over outputs of the one before once more.
                Compute(Math.Min(block * OutputsTogether, outputs - OutputsTogether));
            }
        }

        // Code that waits for its optimisation would make the first tokens of a process slow.
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Compute(int output)
        {
            ushort* w0 = Weights(output), w1 = Weights(output + 1), w2 = Weights(output + 2), w3 = Weights(output + 3);
            Vector512<float> even0 = default, even1 = default, even2 = default, even3 = default;
            Vector512<float> odd0 = default, odd1 = default, odd2 = default, odd3 = default;
            for (var place = 0; place < inputs; place += GroupSize)
            {
                var even = Vector512.Load(x + place);
                var odd = Vector512.Load(x + place + GroupSize / 2);
                Accumulate(w0, place, even, odd, ref even0, ref odd0);
                Accumulate(w1, place, even, odd, ref even1, ref odd1);
                Accumulate(w2, place, even, odd, ref even2, ref odd2);
                Accumulate(w3, place, even, odd, ref even3, ref odd3);
            }

            Store(output, even0 + odd0, even1 + odd1, even2 + odd2, even3 + odd3);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Accumulate(ushort* w, int place, Vector512<float> even, Vector512<float> odd, ref Vector512<float> evenSum, ref Vector512<float> oddSum)
        {
            var pairs = Vector512.Load((uint*)(w + place));
            evenSum = Vector512.FusedMultiplyAdd(BFloat16Bits.WidenEven(pairs), even, evenSum);
            oddSum = Vector512.FusedMultiplyAdd(BFloat16Bits.WidenOdd(pairs), odd, oddSum);
        }

        private ushort* Weights(int output) => weights + (long)output * inputs;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private void Store(int output, Vector512<float> sums0, Vector512<float> sums1, Vector512<float> sums2, Vector512<float> sums3)
        {
            result[output] = BFloat16Bits.Narrow(Vector512.Sum(sums0) + BiasOf(output));
            result[output + 1] = BFloat16Bits.Narrow(Vector512.Sum(sums1) + BiasOf(output + 1));
            result[output + 2] = BFloat16Bits.Narrow(Vector512.Sum(sums2) + BiasOf(output + 2));
            result[output + 3] = BFloat16Bits.Narrow(Vector512.Sum(sums3) + BiasOf(output + 3));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private float BiasOf(int output) => bias is null ? 0 : BFloat16Bits.Widen(bias[output]);
    }
}
