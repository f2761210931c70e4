using System.Buffers;
using System.Numerics.Tensors;
using System.Runtime.Intrinsics.X86;
using TorchSharp;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace MLNetLlm.Models;

/// <summary>
/// Attention of a few new tokens of each row over what its slot of a cache holds, on processors with 512-bit registers. It writes
/// the tokens' keys and values into the cache itself and looks at each token's own past only, so that rows of different
/// lengths need neither mask nor padding; and it is one call where the library needs dozens.
/// </summary>
internal static unsafe class FewTokenAttention
{
    /// <summary>From more new tokens on, the library's matrix products are faster.</summary>
    public const int MostTokens = 64;

    // Below this a second thread costs more than it brings.
    private const long ProductsPerThread = 1 << 17;

    public static bool IsSupported(Device device) => Avx512F.IsSupported && device.type == DeviceType.CPU;

    /// <param name="joined">[rows * time, 3 * heads * headWidth] of the cache's type: each token's queries, keys and values.</param>
    /// <param name="heads">Number and size of the heads; as many for keys as for queries.</param>
    /// <param name="plan">What the rows continue.</param>
    /// <param name="layer">Whose keys and values.</param>
    /// <returns>[rows * time, heads * headWidth].</returns>
    public static Tensor Attend(Tensor joined, AttentionHeads heads, AttentionPlan plan, int layer)
    {
        using var dense = joined.contiguous();
        var place = new HeadPlace(plan.Time * 3 * heads.QueryWidth, 3 * heads.QueryWidth, heads.HeadWidth);
        fixed (byte* start = dense.bytes)
        {
            var part = heads.QueryWidth * (int)dense.ElementSize;
            return Attend(start, start + part, start + 2 * part, place, place, heads, plan, layer, dense.dtype);
        }
    }

    /// <param name="query">[rows, heads, time, headWidth] of the cache's type.</param>
    /// <param name="key">[rows, keyHeads, time, headWidth].</param>
    /// <param name="value">[rows, keyHeads, time, headWidth].</param>
    /// <param name="heads">Number and size of the heads.</param>
    /// <param name="plan">What the rows continue.</param>
    /// <param name="layer">Whose keys and values.</param>
    /// <returns>[rows * time, heads * headWidth].</returns>
    public static Tensor Attend(Tensor query, Tensor key, Tensor value, AttentionHeads heads, AttentionPlan plan, int layer)
    {
        using var denseQuery = query.contiguous();
        using var denseKey = key.contiguous();
        using var denseValue = value.contiguous();
        var ofHead = plan.Time * heads.HeadWidth;
        fixed (byte* q = denseQuery.bytes)
        fixed (byte* k = denseKey.bytes)
        fixed (byte* v = denseValue.bytes)
        {
            return Attend(
                q, k, v, new HeadPlace(ofHead * heads.HeadCount, heads.HeadWidth, ofHead), new HeadPlace(ofHead * heads.KeyValueHeadCount, heads.HeadWidth, ofHead),
                heads, plan, layer, denseQuery.dtype);
        }
    }

    private static Tensor Attend(
        byte* query, byte* key, byte* value, HeadPlace queries, HeadPlace keys, AttentionHeads heads, AttentionPlan plan, int layer, ScalarType type)
    {
        var result = empty(plan.Batch * plan.Time, heads.QueryWidth, type);
        fixed (byte* mixed = result.bytes)
        {
            if (type == ScalarType.BFloat16)
            {
                Run(new Work<ushort, BFloat16Number>(heads, plan, layer, (ushort*)query, (ushort*)key, (ushort*)value, queries, keys, (ushort*)mixed), heads, plan);
            }
            else
            {
                Run(new Work<float, Float32Number>(heads, plan, layer, (float*)query, (float*)key, (float*)value, queries, keys, (float*)mixed), heads, plan);
            }
        }

        return result;
    }

    private static void Run<T, TNumber>(Work<T, TNumber> work, AttentionHeads heads, AttentionPlan plan)
        where T : unmanaged
        where TNumber : IHeadNumber<T>
    {
        var pairs = plan.Batch * heads.HeadCount;
        var products = 2L * pairs * plan.Time * heads.HeadWidth * (plan.Cache!.Starts.Max() + plan.Time);
        var parts = (int)Math.Clamp(Math.Min(products / ProductsPerThread, pairs), 1, get_num_threads());
        work.AppendTokens();
        if (parts == 1)
        {
            work.Compute(0, pairs);
            return;
        }

        Parallel.For(0, parts, new ParallelOptions { MaxDegreeOfParallelism = parts }, part => work.Compute(pairs * part / parts, pairs * (part + 1) / parts));
    }

    /// <summary>How far apart rows, tokens and heads are.</summary>
    private readonly record struct HeadPlace(long Row, long Token, long Head)
    {
        public long Of(long row, long token, long head) => row * Row + token * Token + head * Head;
    }

    private sealed class Work<T, TNumber>(
        AttentionHeads heads, AttentionPlan plan, int layer, T* query, T* key, T* value, HeadPlace queryPlace, HeadPlace keyPlace, T* mixed)
        where T : unmanaged
        where TNumber : IHeadNumber<T>
    {
        private readonly int width = heads.HeadWidth;
        private readonly float scale = 1 / MathF.Sqrt(heads.HeadWidth);
        private readonly CacheSlots slots = plan.Cache!;
        private readonly T* keys = (T*)plan.Cache!.Cache.Addresses(layer).Keys;
        private readonly T* values = (T*)plan.Cache!.Cache.Addresses(layer).Values;

        public void AppendTokens()
        {
            for (var row = 0; row < slots.RowCount; row++)
            {
                for (var head = 0; head < heads.KeyValueHeadCount; head++)
                {
                    for (var token = 0; token < plan.Time; token++)
                    {
                        var from = keyPlace.Of(row, token, head);
                        var to = SlotPlace(row, head) + (slots.Starts[row] + token) * width;
                        new ReadOnlySpan<T>(key + from, width).CopyTo(new Span<T>(keys + to, width));
                        new ReadOnlySpan<T>(value + from, width).CopyTo(new Span<T>(values + to, width));
                    }
                }
            }
        }

        /// <summary>Heads of all rows, numbered through.</summary>
        public void Compute(long from, long to)
        {
            var longest = (int)(slots.Starts.Max() + plan.Time);
            var memory = ArrayPool<float>.Shared.Rent(longest + width);
            try
            {
                fixed (float* wide = memory)
                {
                    for (var pair = from; pair < to; pair++)
                    {
                        for (var token = 0; token < plan.Time; token++)
                        {
                            Attend(pair / heads.HeadCount, token, pair % heads.HeadCount, wide, memory.AsSpan(width, longest));
                        }
                    }
                }
            }
            finally
            {
                ArrayPool<float>.Shared.Return(memory);
            }
        }

        private void Attend(long row, int token, long head, float* wide, Span<float> scores)
        {
            var held = (int)slots.Starts[(int)row] + token + 1;
            var first = plan.Window is { } most ? Math.Max(0, held - most) : 0;
            var place = SlotPlace(row, head / heads.QueriesPerKey) + (long)first * width;
            scores = scores[..(held - first)];
            fixed (float* score = scores)
            {
                HeadVectors<T, TNumber>.Load(query + queryPlace.Of(row, token, head), scale, wide, width);
                HeadVectors<T, TNumber>.Dots(wide, keys + place, scores.Length, width, score);
                // The highest is subtracted first, so that nothing overflows.
                TensorPrimitives.Subtract(scores, TensorPrimitives.Max<float>(scores), scores);
                TensorPrimitives.Exp(scores, scores);
                HeadVectors<T, TNumber>.Mix(
                    values + place, score, scores.Length, 1 / TensorPrimitives.Sum<float>(scores), mixed + (row * plan.Time + token) * heads.QueryWidth + head * width, width);
            }
        }

        private long SlotPlace(long row, long keyHead) => ((slots.FirstSlot + row) * heads.KeyValueHeadCount + keyHead) * slots.Cache.Capacity * width;
    }
}
