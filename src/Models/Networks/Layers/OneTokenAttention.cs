using System.Buffers;
using System.Numerics.Tensors;
using System.Runtime.Intrinsics;
using TorchSharp;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace MLNetLlm.Models;

/// <summary>
/// Attention of one new token of each row over what its slot of a cache holds, on processors with 512-bit registers. It writes the
/// token's key and value into the cache itself and looks at each row's own tokens only, so that rows of different lengths
/// need neither mask nor padding; and it is one call where the library needs a dozen.
/// </summary>
internal static unsafe class OneTokenAttention
{
    // Below this a second thread costs more than it brings.
    private const long ProductsPerThread = 1 << 17;

    public static bool IsSupported(Device device) => Vector512.IsHardwareAccelerated && device.type == DeviceType.CPU;

    /// <param name="query">[rows, heads, 1, headWidth] of the cache's type.</param>
    /// <param name="key">[rows, keyHeads, 1, headWidth].</param>
    /// <param name="value">[rows, keyHeads, 1, headWidth].</param>
    /// <param name="slots">What the rows continue.</param>
    /// <param name="layer">Whose keys and values.</param>
    /// <param name="window">Most tokens that are looked at.</param>
    /// <returns>[rows, heads, 1, headWidth].</returns>
    public static Tensor Attend(Tensor query, Tensor key, Tensor value, CacheSlots slots, int layer, int? window)
    {
        var (rows, heads, keyHeads, width) = ((int)query.shape[0], (int)query.shape[1], (int)key.shape[1], (int)query.shape[3]);
        var result = empty(query.shape, query.dtype);
        using var denseQuery = query.contiguous();
        using var denseKey = key.contiguous();
        using var denseValue = value.contiguous();
        var shape = new HeadShape(heads, keyHeads, width, slots.Cache.Capacity);
        fixed (byte* q = denseQuery.bytes)
        fixed (byte* k = denseKey.bytes)
        fixed (byte* v = denseValue.bytes)
        fixed (byte* y = result.bytes)
        {
            var (keys, values) = slots.Cache.Addresses(layer);
            if (query.dtype == ScalarType.BFloat16)
            {
                Run(new Work<ushort>(shape, slots, window, (ushort*)q, (ushort*)k, (ushort*)v, (ushort*)y, (ushort*)keys, (ushort*)values, new BFloat16Vectors()), rows);
            }
            else
            {
                Run(new Work<float>(shape, slots, window, (float*)q, (float*)k, (float*)v, (float*)y, (float*)keys, (float*)values, new Float32Vectors()), rows);
            }
        }

        return result;
    }

    private static void Run<T>(Work<T> work, int rows)
        where T : unmanaged
    {
        var pairs = rows * work.Shape.Heads;
        var products = 2L * pairs * work.Shape.Width * (work.Slots.Starts.Max() + 1);
        var parts = (int)Math.Clamp(Math.Min(products / ProductsPerThread, pairs), 1, get_num_threads());
        work.AppendTokens();
        if (parts == 1)
        {
            work.Compute(0, pairs);
            return;
        }

        Parallel.For(0, parts, new ParallelOptions { MaxDegreeOfParallelism = parts }, part => work.Compute(pairs * part / parts, pairs * (part + 1) / parts));
    }

    private sealed record HeadShape(int Heads, int KeyHeads, int Width, long Capacity)
    {
        public int QueriesPerKey => Heads / KeyHeads;

        public float Scale { get; } = 1 / MathF.Sqrt(Width);
    }

    private sealed class Work<T>(
        HeadShape shape, CacheSlots slots, int? window, T* query, T* key, T* value, T* result, T* keys, T* values, IHeadVectors<T> vectors)
        where T : unmanaged
    {
        public HeadShape Shape => shape;

        public CacheSlots Slots => slots;

        public void AppendTokens()
        {
            for (var row = 0; row < slots.RowCount; row++)
            {
                for (var head = 0; head < shape.KeyHeads; head++)
                {
                    var from = ((long)row * shape.KeyHeads + head) * shape.Width;
                    var to = Place(row, head) + slots.Starts[row] * shape.Width;
                    new ReadOnlySpan<T>(key + from, shape.Width).CopyTo(new Span<T>(keys + to, shape.Width));
                    new ReadOnlySpan<T>(value + from, shape.Width).CopyTo(new Span<T>(values + to, shape.Width));
                }
            }
        }

        /// <summary>Heads of all rows, numbered through.</summary>
        public void Compute(int from, int to)
        {
            var longest = (int)slots.Starts.Max() + 1;
            var memory = ArrayPool<float>.Shared.Rent(longest + 2 * shape.Width);
            try
            {
                for (var pair = from; pair < to; pair++)
                {
                    Attend(pair / shape.Heads, pair % shape.Heads, memory.AsSpan(0, longest), memory.AsSpan(longest, shape.Width), memory.AsSpan(longest + shape.Width, shape.Width));
                }
            }
            finally
            {
                ArrayPool<float>.Shared.Return(memory);
            }
        }

        private void Attend(int row, int head, Span<float> scores, Span<float> wideQuery, Span<float> sums)
        {
            var held = (int)slots.Starts[row] + 1;
            var first = window is { } most ? Math.Max(0, held - most) : 0;
            var place = Place(row, head / shape.QueriesPerKey);
            scores = scores[..(held - first)];
            fixed (float* q = wideQuery)
            fixed (float* sum = sums)
            {
                vectors.Load(query + ((long)row * shape.Heads + head) * shape.Width, q, shape.Width);
                for (var token = 0; token < scores.Length; token++)
                {
                    scores[token] = vectors.Dot(q, keys + place + (long)(first + token) * shape.Width, shape.Width) * shape.Scale;
                }

                // The highest is subtracted first, so that nothing overflows.
                TensorPrimitives.Subtract(scores, TensorPrimitives.Max<float>(scores), scores);
                TensorPrimitives.Exp(scores, scores);
                var total = TensorPrimitives.Sum<float>(scores);
                sums.Clear();
                for (var token = 0; token < scores.Length; token++)
                {
                    vectors.AddScaled(sum, values + place + (long)(first + token) * shape.Width, scores[token] / total, shape.Width);
                }

                vectors.Store(sum, result + ((long)row * shape.Heads + head) * shape.Width, shape.Width);
            }
        }

        private long Place(int row, int keyHead) => ((long)(slots.FirstSlot + row) * shape.KeyHeads + keyHead) * shape.Capacity * shape.Width;
    }
}
