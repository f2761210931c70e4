using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNetLlm.Models;

/// <summary>
/// The tanh form of GELU and its slope in one walk over memory on the processor. Of a chain of tensor operations the graph keeps
/// four tensors of the widest layer; here it keeps the slope, and the result, which the next layer needs anyway.
/// </summary>
internal static class GeluKernel
{
    // 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) is x sigmoid(x (Linear + Cubic x^2)): four operations.
    public const double Linear = 1.5957691216057308;
    public const double Cubic = Linear * 0.044715;

    // Enough work to be worth a thread, and little enough to stay in a core's cache.
    private const int PieceLength = 1 << 14;

    public static bool IsFor(Tensor x) =>
        Vector512.IsHardwareAccelerated && x.device_type == DeviceType.CPU && x.dtype is ScalarType.BFloat16 or ScalarType.Float32 && x.is_contiguous();

    public static Tensor Apply(Tensor x)
    {
        if (!is_grad_enabled() || !x.requires_grad)
        {
            var values = empty(x.shape, x.dtype);
            Fill(x, null, values);
            return values;
        }

        // The product tells the graph what the gradient is multiplied with, and of its factors keeps the slope alone; both are
        // written only afterwards, the product's own values not being wanted.
        using var slope = empty(x.shape, x.dtype);
        var result = x.mul(slope);
        Fill(x, slope, result);
        return result;
    }

    private static void Fill(Tensor x, Tensor? slope, Tensor result)
    {
        using var detachedInput = x.detach();
        using var detachedResult = result.detach();
        var input = new TensorMemory(detachedInput);
        var output = new TensorMemory(detachedResult);
        var slopes = slope is null ? default : new TensorMemory(slope);
        var (count, size) = (x.NumberOfElements, (int)x.ElementSize);
        var pieces = (count + PieceLength - 1) / PieceLength;
        if (pieces <= 1)
        {
            FillPiece(0);
        }
        else
        {
            Parallel.For(0L, pieces, new ParallelOptions { MaxDegreeOfParallelism = get_num_threads() }, FillPiece);
        }

        void FillPiece(long piece)
        {
            var (start, bytes) = (piece * PieceLength * size, (int)Math.Min(PieceLength, count - piece * PieceLength) * size);
            var from = input.Bytes(start, bytes);
            var to = output.Bytes(start, bytes);
            var aside = slopes.Length == 0 ? [] : slopes.Bytes(start, bytes);
            if (size == sizeof(ushort))
            {
                Fill(MemoryMarshal.Cast<byte, ushort>(from), MemoryMarshal.Cast<byte, ushort>(aside), MemoryMarshal.Cast<byte, ushort>(to));
            }
            else
            {
                Fill(MemoryMarshal.Cast<byte, float>(from), MemoryMarshal.Cast<byte, float>(aside), MemoryMarshal.Cast<byte, float>(to));
            }
        }
    }

    private static void Fill(ReadOnlySpan<ushort> input, Span<ushort> slopes, Span<ushort> output)
    {
        const int Length = 256;
        Span<float> wideInput = stackalloc float[Length];
        Span<float> wideSlopes = stackalloc float[Length];
        Span<float> wideOutput = stackalloc float[Length];
        for (var start = 0; start < input.Length; start += Length)
        {
            var count = Math.Min(Length, input.Length - start);
            BFloat16Memory.Widen(input.Slice(start, count), wideInput[..count]);
            Fill(wideInput[..count], slopes.IsEmpty ? [] : wideSlopes[..count], wideOutput[..count]);
            BFloat16Memory.Narrow(wideOutput[..count], output.Slice(start, count));
            if (!slopes.IsEmpty)
            {
                BFloat16Memory.Narrow(wideSlopes[..count], slopes.Slice(start, count));
            }
        }
    }

    // Slopes only where there is room for them.
    private static void Fill(ReadOnlySpan<float> input, Span<float> slopes, Span<float> output)
    {
        var inputs = MemoryMarshal.Cast<float, Vector512<float>>(input);
        var manySlopes = MemoryMarshal.Cast<float, Vector512<float>>(slopes);
        var outputs = MemoryMarshal.Cast<float, Vector512<float>>(output);
        for (var index = 0; index < inputs.Length; index++)
        {
            (var slope, outputs[index]) = Of(inputs[index]);
            if (!slopes.IsEmpty)
            {
                manySlopes[index] = slope;
            }
        }

        for (var index = inputs.Length * Vector512<float>.Count; index < input.Length; index++)
        {
            var (slope, result) = Of(Vector512.Create(input[index]));
            output[index] = result[0];
            if (!slopes.IsEmpty)
            {
                slopes[index] = slope[0];
            }
        }
    }

    private static (Vector512<float> Slope, Vector512<float> Result) Of(Vector512<float> x)
    {
        var cubic = x * x * (float)Cubic;
        var small = Exponential.Of(-Vector512.Abs(x * (cubic + Vector512.Create((float)Linear))));
        var gate = Vector512.ConditionalSelect(Vector512.LessThan(x, Vector512<float>.Zero), small, Vector512<float>.One) / (small + Vector512<float>.One);
        var result = x * gate;
        var slope = gate + result * (Vector512<float>.One - gate) * (cubic * 3 + Vector512.Create((float)Linear));
        return (slope, result);
    }
}
