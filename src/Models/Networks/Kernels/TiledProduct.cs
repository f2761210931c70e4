using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MLNetLlm.Models;

internal sealed record ProductShape(int Rows, int Inputs, int Outputs);

/// <summary>Goes through the outputs of a <see cref="FewRowProduct"/> in tiles.</summary>
internal sealed unsafe class TiledProduct<TTile>(ProductShape shape, float* x, ushort* weights, ushort* bias, ushort* result)
    where TTile : IRowTile
{
    // Of eight rows these, 24 KB, stay in the processor's first cache beside the weights that pass by.
    private const int InputsAtOnce = 768;

    // Their sums over the inputs read so far wait for the rest. A multiple of every tile's outputs and of a vector.
    private const int OutputsAtOnce = 96;

    private int taken;

    /// <summary>Computes what no other thread has taken; one that comes late finds the less to do.</summary>
    [SkipLocalsInit]
    public void ComputeTheRest()
    {
        var sums = stackalloc float[OutputsAtOnce * TTile.Rows];
        while (Interlocked.Add(ref taken, OutputsAtOnce) - OutputsAtOnce is var from && from < shape.Outputs)
        {
            var to = Math.Min(from + OutputsAtOnce, shape.Outputs);
            for (var input = 0; input < shape.Inputs; input += InputsAtOnce)
            {
                AddProducts(from, to, input, sums);
            }

            Store(from, to, sums);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddProducts(int from, int to, int firstInput, float* sums)
    {
        var tile = stackalloc Vector256<float>[TTile.Outputs];
        var vectors = TTile.Outputs * TTile.Rows / Vector256<float>.Count;
        var count = Math.Min(InputsAtOnce, shape.Inputs - firstInput);
        for (var output = from; output < to; output += TTile.Outputs)
        {
            var place = weights + (nint)output * shape.Inputs + firstInput;
            TTile.Multiply(x + firstInput * TTile.Rows, new TileWeights(place, shape.Inputs, shape.Outputs - 1 - output, TTile.Outputs * shape.Inputs), count, tile);
            for (var vector = 0; vector < vectors; vector++, sums += Vector256<float>.Count)
            {
                (firstInput == 0 ? tile[vector] : Vector256.Load(sums) + tile[vector]).Store(sums);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Store(int from, int to, float* sums)
    {
        var output = from;
        for (; output <= to - Vector256<float>.Count; output += Vector256<float>.Count, sums += Vector256<float>.Count * TTile.Rows)
        {
            var added = bias is null ? default : BFloat16Bits.Widen(Vector128.Load(bias + output));
            if (TTile.Rows > 1)
            {
                VectorSums.Transpose((Vector256<float>*)sums);
            }

            for (var row = 0; row < shape.Rows; row++)
            {
                BFloat16Bits.Narrow(Vector256.Load(sums + row * Vector256<float>.Count) + added).Store(result + (nint)row * shape.Outputs + output);
            }
        }

        for (; output < to; output++, sums += TTile.Rows)
        {
            var added = bias is null ? 0 : BFloat16Bits.Widen(bias[output]);
            for (var row = 0; row < shape.Rows; row++)
            {
                result[(nint)row * shape.Outputs + output] = BFloat16Bits.Narrow(sums[row] + added);
            }
        }
    }
}
