using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNetLlm.Models;

/// <summary>
/// y = x W' + b for up to eight rows x and bfloat16 weights, on processors with 512-bit registers. oneDNN brings the weights into
/// another order for each such product; this reads them once and as they are: for the 124 million of GPT-2 and eight rows 6
/// ms on two cores of a Sapphire Rapids, where oneDNN takes 10. From 9 rows on its matrix unit wins. Factors are rounded to bfloat16
/// and sums kept in 32 bits, as there.
/// </summary>
internal static unsafe class FewRowProduct
{
    /// <summary>Of so many inputs the even ones come first: a register of pairs of bfloat16 is widened to the even ones by a shift, and
    /// to the odd ones by a mask.</summary>
    public const int GroupSize = 32;

    // Below this a second thread costs more than it brings.
    private const int WeightsPerThread = 1 << 18;

    public static bool CanMultiply(Tensor input, Tensor weight) =>
        Avx512F.IsSupported
        && input.device_type == DeviceType.CPU
        && input.shape[0] <= EightRowTile.Rows
        && weight.shape[1] % GroupSize == 0
        && weight.shape[0] * weight.shape[1] * sizeof(ushort) < int.MaxValue;

    /// <param name="input">[1 to 8, inputs] BFloat16.</param>
    /// <param name="weight">[outputs, inputs] BFloat16.</param>
    /// <param name="bias">[outputs] BFloat16.</param>
    /// <returns>[rows, outputs] BFloat16.</returns>
    public static Tensor Multiply(Tensor input, Tensor weight, Tensor? bias)
    {
        var (rows, inputs, outputs) = ((int)input.shape[0], (int)weight.shape[1], (int)weight.shape[0]);
        var tileRows = rows == 1 ? OneRowTile.Rows : EightRowTile.Rows;
        var result = empty(rows, outputs, ScalarType.BFloat16);
        using var dense = input.contiguous();
        var memory = ArrayPool<float>.Shared.Rent(tileRows * inputs + Vector512<float>.Count);
        try
        {
            fixed (float* start = memory)
            fixed (byte* source = dense.bytes)
            fixed (byte* w = weight.bytes)
            fixed (byte* b = bias is null ? default : bias.bytes)
            fixed (byte* y = result.bytes)
            {
                var x = (float*)((nint)start + sizeof(Vector512<float>) - 1 & -sizeof(Vector512<float>));
                Spread((ushort*)source, x, rows, tileRows, inputs);
                var shape = new ProductShape(rows, inputs, outputs);
                if (rows == 1)
                {
                    Run(new TiledProduct<OneRowTile>(shape, x, (ushort*)w, (ushort*)b, (ushort*)y), shape);
                }
                else
                {
                    Run(new TiledProduct<EightRowTile>(shape, x, (ushort*)w, (ushort*)b, (ushort*)y), shape);
                }
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(memory);
        }

        return result;
    }

    // Rows that are not there are zeros: what memory happens to hold may be numbers that the processor is slow with.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Spread(ushort* source, float* target, int rows, int tileRows, int inputs)
    {
        const int lanes = GroupSize / 2;
        for (var group = 0; group < inputs; group += GroupSize)
        {
            for (var row = 0; row < tileRows; row++)
            {
                var pairs = row < rows ? Vector512.Load((uint*)(source + row * inputs + group)) : default;
                BFloat16Bits.WidenEven(pairs).Store(target + row * lanes);
                BFloat16Bits.WidenOdd(pairs).Store(target + (tileRows + row) * lanes);
            }

            target += tileRows * GroupSize;
        }
    }

    private static void Run<TTile>(TiledProduct<TTile> product, ProductShape shape)
        where TTile : IRowTile
    {
        var threads = (int)Math.Clamp((long)shape.Outputs * shape.Inputs / WeightsPerThread, 1, get_num_threads());
        if (threads == 1)
        {
            product.ComputeTheRest();
            return;
        }

        Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, _ => product.ComputeTheRest());
    }
}
