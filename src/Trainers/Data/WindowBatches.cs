using MLNetLlm.Models;
using TorchSharp;

namespace MLNetLlm.Trainers;

/// <summary>
/// The batches of an epoch, a function of seed and epoch alone. Windows come in random order and are spread evenly over a
/// fixed number of batches; where they differ in length, those of a batch are of similar length. Skipping batches reads none
/// of their tokens.
/// </summary>
internal sealed class WindowBatches(
    ITokenStore tokens, ITokenWindows windows, WindowSettings settings, long count, int seed, int epoch)
{
    private const int BatchesPerPool = 8;

    private readonly ulong key = Randomness.Key(seed, epoch, RandomPurpose.WindowOrder);
    private readonly ShuffledOrder order = new(windows.Count, Randomness.Key(seed, epoch, RandomPurpose.WindowOrder));

    /// <summary>Number of batches.</summary>
    public long Count { get; } = Math.Min(count, windows.Count);

    /// <summary>The windows that the batches hold.</summary>
    public ITokenWindows Windows => windows;

    /// <summary>The batches from one on, each owned by who takes it.</summary>
    public IEnumerable<TrainingBatch> From(long firstBatch)
    {
        var poolSize = settings.Packing == TextPacking.Separate ? BatchesPerPool : 1;
        for (var pool = firstBatch / poolSize; pool * poolSize < Count; pool++)
        {
            var batches = Pool(pool * poolSize, (int)Math.Min(poolSize, Count - pool * poolSize));
            for (var batch = Math.Max(0, firstBatch - pool * poolSize); batch < batches.Length; batch++)
            {
                yield return settings.ToBatch(tokens, batches[batch], seed, epoch);
            }
        }
    }

    private TokenWindow[][] Pool(long firstBatch, int batchCount)
    {
        var first = FirstWindow(firstBatch);
        var drawn = new TokenWindow[(int)(FirstWindow(firstBatch + batchCount) - first)];
        for (var place = 0; place < drawn.Length; place++)
        {
            drawn[place] = windows[order[first + place]];
        }

        if (batchCount == 1)
        {
            return [drawn];
        }

        var sorted = drawn.OrderBy(window => window.Length).ToArray();
        var batches = Enumerable.Range(0, batchCount)
            .Select(batch => sorted[(int)(FirstWindow(firstBatch + batch) - first)..(int)(FirstWindow(firstBatch + batch + 1) - first)])
            .ToArray();
        Randomness.Of(Randomness.Mix(key, firstBatch)).Shuffle(batches);
        return batches;
    }

    private long FirstWindow(long batch) => (long)((Int128)windows.Count * batch / Count);
}

/// <summary>How a token store becomes batches.</summary>
/// <param name="Packing">What a window may hold.</param>
/// <param name="Length">Most tokens of a window.</param>
/// <param name="Stride">Tokens between the starts of two windows.</param>
/// <param name="BatchSize">Windows in a batch, about.</param>
/// <param name="EndOfText">What stands between texts.</param>
/// <param name="PaddingId">What fills short rows.</param>
/// <param name="Device">Where batches go.</param>
internal sealed record WindowSettings(
    TextPacking Packing, int Length, int Stride, int BatchSize, int? EndOfText, int PaddingId, torch.Device Device)
{
    public ITokenWindows Windows(ITokenStore tokens, long offset) => Packing == TextPacking.Stream
        ? new StreamWindows(tokens.Count, Length, Stride, offset)
        : new TextWindows(tokens, EndOfText!.Value, Length, Stride, severalTexts: Packing == TextPacking.WholeTexts);

    /// <summary>Batches for so many windows.</summary>
    public long BatchesFor(long windows) => (windows + BatchSize - 1) / BatchSize;

    /// <summary>What is to be predicted; <see langword="null"/>: each next token.</summary>
    public TokenMasking? Masking { get; init; }

    public TrainingBatch ToBatch(ITokenStore tokens, IReadOnlyList<TokenWindow> windows, int seed, int epoch)
    {
        var rows = windows.Select(window =>
        {
            var row = new int[window.Length];
            tokens.Read(window.Start, row);
            return row;
        }).ToArray();
        return Masking is null
            ? TrainingBatch.Create(rows, PaddingId, nextTokenTargets: true, labels: null, Device)
            : TrainingBatch.Create(
                windows.Zip(rows, (window, row) => Masking.Mask(row, seed, epoch, window.Start)).ToArray(), PaddingId, Device);
    }
}
