using System.Buffers;
using System.Globalization;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNetLlm.Models;

/// <summary>A stored tensor and the parameter that it belongs to.</summary>
internal sealed record MatchedWeight(SafetensorsEntry Entry, CheckpointTensor Target);

/// <summary>
/// Fills 32-bit parameters from stored tensors. It goes through a tensor in pieces that stay in a processor's cache: each is
/// read, converted, checked and put in its place before the next, so nothing is held besides the parameter itself.
/// </summary>
internal sealed class WeightFilling(IWeightSource source)
{
    private const int PieceValues = 1 << 17;

    // More threads than this wait for memory, not for a processor.
    private static readonly ParallelOptions Parallelism = new() { MaxDegreeOfParallelism = Math.Min(Environment.ProcessorCount, 8) };

    /// <summary>Overwrites parameters.</summary>
    /// <param name="matched">
    /// In the source's order: tensors of a parameter's shape, or of that of its transpose, whose types
    /// <see cref="SingleConversion.Converts"/>, and the parameters, on any device and of any type.
    /// </param>
    /// <exception cref="InvalidDataException">A value is not a finite 32-bit number; the message names it.</exception>
    public void Fill(IReadOnlyList<MatchedWeight> matched)
    {
        var oneByOne = new List<MatchedWeight>(matched);
        if (source.IsRandomAccess)
        {
            Fill(matched.Where(pair => IsFilledInPlace(pair.Target)).Select(pair => Plan(pair.Entry, pair.Target.Parameter, pair.Target.IsTransposed)));
            oneByOne.RemoveAll(pair => IsFilledInPlace(pair.Target));
        }

        foreach (var (entry, target) in oneByOne)
        {
            using var near = IsFilledInPlace(target) ? null : empty(target.Parameter.shape, ScalarType.Float32);
            Fill([Plan(entry, near ?? target.Parameter, target.IsTransposed)]);
            if (near is not null)
            {
                target.Parameter.copy_(near);
            }
        }
    }

    private static bool IsFilledInPlace(CheckpointTensor target) =>
        target.Parameter.device_type == DeviceType.CPU && target.Parameter.dtype == ScalarType.Float32 && target.Parameter.is_contiguous();

    private static FillPlan Plan(SafetensorsEntry entry, Tensor target, bool isTransposed)
    {
        var memory = new TensorMemory(target);
        memory.ExpectToBeFilled();
        return new FillPlan(entry, memory, isTransposed, PieceValues);
    }

    private void Fill(IEnumerable<FillPlan> plans)
    {
        var pieces = plans.SelectMany(plan => plan.Pieces()).ToArray();
        if (!source.IsRandomAccess)
        {
            foreach (var piece in pieces)
            {
                Put(piece);
            }

            return;
        }

        try
        {
            Parallel.For(0, pieces.Length, Parallelism, index => Put(pieces[index]));
        }
        catch (AggregateException exception)
        {
            ExceptionDispatchInfo.Throw(exception.InnerExceptions[0]);
        }
    }

    private void Put(FillPiece piece)
    {
        var (plan, begin, count) = piece;
        if (plan is { IsTransposed: false, IsStoredAsSingles: true })
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
        var converted = plan is { IsTransposed: true, IsStoredAsSingles: false } ? ArrayPool<float>.Shared.Rent(count) : null;
        try
        {
            var bytes = stored.AsSpan(0, count * plan.StoredSize);
            source.ReadBytes(plan.Entry, begin * plan.StoredSize, bytes);
            var values = plan.IsStoredAsSingles ? MemoryMarshal.Cast<byte, float>(bytes)
                : converted is null ? plan.Target.Singles(begin, count)
                : converted.AsSpan(0, count);
            var areFinite = plan.IsStoredAsSingles ? SingleConversion.AreFinite(values) : SingleConversion.Convert(plan.Entry.Type, bytes, values);
            if (!areFinite)
            {
                throw NotFinite(plan.Entry, begin, ConvertedOneByOne(plan, bytes));
            }

            if (plan.IsTransposed)
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
            + $"(element {begin + first} is {values[first].ToString(CultureInfo.InvariantCulture)}, offset {entry.Begin} in the data); "
            + "the weights come from a training run that failed, or the file is damaged.");
    }
}
