using static TorchSharp.torch;

namespace MLNetLlm.Models;

/// <summary>
/// Cosines and sines of rotary positions, computed once in 64 bits for as many positions as were asked for so far. Any
/// number of threads may ask at once.
/// </summary>
internal sealed class RotaryTable(RotaryFrequencies frequencies, Device device) : IDisposable
{
    private const long FewestPositions = 256;

    private RotaryAngles? held;

    /// <summary>The angles of a forward pass.</summary>
    /// <param name="plan">How its rows lie.</param>
    /// <param name="lengths">[batch] Int64: tokens of each row; null where all are real.</param>
    public RotaryAngles Angles(AttentionPlan plan, Tensor? lengths)
    {
        var longest = (plan.Cache?.Starts.Max() ?? 0) + plan.Time;
        if (longest > frequencies.SharedLength)
        {
            return AnglesByLength(plan, lengths);
        }

        var table = UpTo(longest);
        return plan.Positions is null
            ? new RotaryAngles(table.Cosines.narrow(0, plan.Start, plan.Time), table.Sines.narrow(0, plan.Start, plan.Time))
            : new RotaryAngles(Select(table.Cosines, plan), Select(table.Sines, plan));
    }

    public void Dispose() => held?.Dispose();

    private Tensor Select(Tensor table, AttentionPlan plan)
    {
        using var positions = plan.Positions!.view(-1);
        using var rows = table.index_select(0, positions);
        return rows.view(plan.Batch, 1, plan.Time, frequencies.HeadWidth);
    }

    private RotaryAngles UpTo(long count)
    {
        var table = Volatile.Read(ref held);
        if (table is not null && table.Cosines.shape[0] >= count)
        {
            return table;
        }

        // A smaller one is left to the collector: another thread may be using it.
        var positions = Math.Max(FewestPositions, (long)System.Numerics.BitOperations.RoundUpToPowerOf2((ulong)count));
        var created = Compute([new TurnedPart(0, positions, frequencies.Of(0))], [positions, frequencies.HeadWidth]);
        created.Cosines.DetachFromDisposeScope();
        created.Sines.DetachFromDisposeScope();
        Volatile.Write(ref held, created);
        return created;
    }

    // Sequences of different lengths turn differently there, whatever they share a batch or a row with.
    private RotaryAngles AnglesByLength(AttentionPlan plan, Tensor? lengths)
    {
        var parts = plan.Positions is not null && plan.Cache is null ? Documents(Host(plan.Positions), plan.Time) : Rows(plan, lengths);
        return Compute(parts, [plan.Batch, 1, plan.Time, frequencies.HeadWidth]);
    }

    private List<TurnedPart> Rows(AttentionPlan plan, Tensor? lengths)
    {
        var starts = plan.Cache?.Starts ?? new long[plan.Batch];
        var counts = lengths is null ? Array.ConvertAll(starts, start => start + plan.Time) : Host(lengths);
        return [.. starts.Zip(counts, (start, count) => new TurnedPart(start, plan.Time, frequencies.Of(count)))];
    }

    // A document begins where positions begin anew.
    private List<TurnedPart> Documents(long[] positions, long time)
    {
        var parts = new List<TurnedPart>();
        for (var begin = 0; begin < positions.Length;)
        {
            var end = begin + 1;
            while (end < positions.Length && end % time != 0 && positions[end] > 0)
            {
                end++;
            }

            parts.Add(new TurnedPart(0, end - begin, frequencies.Of(end - begin)));
            begin = end;
        }

        return parts;
    }

    private static long[] Host(Tensor numbers)
    {
        using var flat = numbers.reshape(-1);
        using var onHost = flat.cpu();
        return onHost.data<long>().ToArray();
    }

    private RotaryAngles Compute(IReadOnlyList<TurnedPart> parts, long[] shape)
    {
        var (width, half) = (frequencies.HeadWidth, frequencies.HeadWidth / 2);
        var cosines = new float[parts.Sum(part => part.Count) * width];
        var sines = new float[cosines.Length];
        var place = 0;
        foreach (var part in parts)
        {
            for (var position = part.Start; position < part.Start + part.Count; position++, place += width)
            {
                for (var pair = 0; pair < half; pair++)
                {
                    var (sine, cosine) = Math.SinCos(position * part.Frequencies[pair]);
                    cosines[place + pair] = cosines[place + half + pair] = (float)cosine;
                    sines[place + pair] = (float)-sine;
                    sines[place + half + pair] = (float)sine;
                }
            }
        }

        return new RotaryAngles(tensor(cosines, shape, device: device), tensor(sines, shape, device: device));
    }

    /// <summary>Positions that follow one another.</summary>
    private readonly record struct TurnedPart(long Start, long Count, double[] Frequencies);
}
