using System.Buffers;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNetLlm.Models;

/// <summary>
/// Fills 32-bit parameters from stored tensors. It goes through a tensor in pieces that stay in a processor's cache: each is
/// read, converted, checked and put in its place before the next, so nothing is held besides the parameter itself.
/// </summary>
internal sealed class WeightFilling(IWeightSource source)
{
    private const int PieceValues = 1 << 17;
    private const int MaximumThreads = 8;

    /// <summary>Overwrites a parameter.</summary>
    /// <param name="entry">A tensor of the same shape, or of that of its transpose, whose type <see cref="SingleConversion.Converts"/>.</param>
    /// <param name="target">On any device; of any type.</param>
    /// <exception cref="InvalidDataException">A value is not a finite 32-bit number; the message names it.</exception>
    public void Fill(SafetensorsEntry entry, CheckpointTensor target)
    {
        var parameter = target.Parameter;
        if (parameter.device_type == DeviceType.CPU && parameter.dtype == ScalarType.Float32 && parameter.is_contiguous())
        {
            Fill(entry, parameter, target.IsTransposed);
            return;
        }

        using var near = empty(parameter.shape, ScalarType.Float32);
        Fill(entry, near, target.IsTransposed);
        parameter.copy_(near);
    }

    private void Fill(SafetensorsEntry entry, Tensor target, bool isTransposed)
    {
        if (target.NumberOfElements == 0)
        {
            return;
        }

        var plan = new FillPlan(entry, new TensorMemory(target), isTransposed, PieceValues);
        var threads = source.IsRandomAccess ? Math.Min(Environment.ProcessorCount, MaximumThreads) : 1;
        if (threads == 1 || plan.PieceCount == 1)
        {
            for (long piece = 0; piece < plan.PieceCount; piece++)
            {
                FillPiece(plan, piece);
            }

            return;
        }

        try
        {
            Parallel.For(0L, plan.PieceCount, new ParallelOptions { MaxDegreeOfParallelism = threads }, piece => FillPiece(plan, piece));
        }
        catch (AggregateException exception)
        {
            ExceptionDispatchInfo.Throw(exception.InnerExceptions[0]);
        }
    }

    private void FillPiece(FillPlan plan, long piece)
    {
        var (begin, count) = plan.Piece(piece);
        if (plan.TakesBytesAsTheyAre)
        {
            var values = plan.Target.Singles(begin, count);
            source.ReadBytes(plan.Entry, begin * sizeof(float), MemoryMarshal.AsBytes(values));
            if (!SingleConversion.AreFinite(values))
            {
                throw NotFinite(plan.Entry, begin, values);
            }

            return;
        }

        var stored = ArrayPool<byte>.Shared.Rent(count * plan.StoredSize);
        var converted = plan.IsTransposed ? ArrayPool<float>.Shared.Rent(count) : null;
        try
        {
            var bytes = stored.AsSpan(0, count * plan.StoredSize);
            source.ReadBytes(plan.Entry, begin * plan.StoredSize, bytes);
            var values = converted is null ? plan.Target.Singles(begin, count) : converted.AsSpan(0, count);
            if (!SingleConversion.Convert(plan.Entry.Type, bytes, values))
            {
                throw NotFinite(plan.Entry, begin, ConvertedOneByOne(plan, bytes));
            }

            if (converted is not null)
            {
                plan.PutTransposed(begin, values);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(stored);
            if (converted is not null)
            {
                ArrayPool<float>.Shared.Return(converted);
            }
        }
    }

    private static float[] ConvertedOneByOne(FillPlan plan, ReadOnlySpan<byte> bytes)
    {
        var values = new float[bytes.Length / plan.StoredSize];
        for (var i = 0; i < values.Length; i++)
        {
            SingleConversion.Convert(plan.Entry.Type, bytes.Slice(i * plan.StoredSize, plan.StoredSize), values.AsSpan(i, 1));
        }

        return values;
    }

    private InvalidDataException NotFinite(SafetensorsEntry entry, long begin, ReadOnlySpan<float> values)
    {
        var first = 0;
        while (float.IsFinite(values[first]))
        {
            first++;
        }

        return new InvalidDataException(
            $"{source.FileOf(entry)}: tensor '{entry.Name}' holds a value that is not a finite 32-bit number "
            + $"(element {begin + first} is {values[first]}, offset {entry.Begin} in the data); "
            + "the weights come from a training run that failed, or the file is damaged.");
    }
}
