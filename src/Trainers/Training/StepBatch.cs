using System.Numerics;
using MLNetLlm.Models;
using TorchSharp;

namespace MLNetLlm.Trainers;

/// <summary>
/// The batch of one optimizer step, in parts small enough for memory, each with its share of the step's loss: parts weigh as
/// much as positions (or rows) in them count, so that their gradients add up to that of the whole batch.
/// </summary>
internal sealed class StepBatch : IDisposable
{
    private StepBatch(TrainingBatch whole, IReadOnlyList<Part> parts, int maximumTokens)
    {
        Parts = parts;
        MaximumTokens = maximumTokens;
        RowCount = whole.Tokens.RowCount;
        TokenCount = whole.Tokens.TokenCount;
        LongestRow = (int)whole.Tokens.Ids.shape[1];
    }

    public IReadOnlyList<Part> Parts { get; }

    /// <summary>Most tokens of a part that has more than one row.</summary>
    public int MaximumTokens { get; }

    public int RowCount { get; }

    public int TokenCount { get; }

    public int LongestRow { get; }

    /// <summary>Takes a batch over and cuts it where it has more tokens, padding counted, than go through the network at once.</summary>
    public static StepBatch Of(TrainingBatch batch, int maximumTokens)
    {
        var shape = batch.Tokens.Ids.shape;
        if (shape[0] * shape[1] <= maximumTokens || shape[0] == 1)
        {
            return new StepBatch(batch, [new Part(batch, BatchShare.Whole)], maximumTokens);
        }

        using (batch)
        {
            var (all, rows) = (Counts.Of(batch), Lengths(batch));
            var parts = new List<Part>();
            try
            {
                for (var start = 0; start < rows.Length;)
                {
                    var (count, longest) = (1, rows[start]);
                    while (start + count < rows.Length && (count + 1L) * batch.Tokens.PaddedLength(Math.Max(longest, rows[start + count])) <= maximumTokens)
                    {
                        longest = Math.Max(longest, rows[start + count++]);
                    }

                    // Parts of few different shapes: a processor compiles 16-bit products for each.
                    count = start + count == rows.Length ? count : 1 << BitOperations.Log2((uint)count);
                    var part = batch.Slice(start, count);
                    parts.Add(new Part(part, Counts.Of(part).ShareOf(all)));
                    start += count;
                }

                return new StepBatch(batch, parts, maximumTokens);
            }
            catch
            {
                parts.ForEach(part => part.Batch.Dispose());
                throw;
            }
        }
    }

    public void Dispose()
    {
        foreach (var part in Parts)
        {
            part.Batch.Dispose();
        }
    }

    private static int[] Lengths(TrainingBatch batch)
    {
        using var near = batch.Tokens.Lengths.cpu();
        return Array.ConvertAll(near.data<long>().ToArray(), length => (int)length);
    }

    /// <param name="Batch">Rows of the step.</param>
    /// <param name="Share">What they are of the step.</param>
    public readonly record struct Part(TrainingBatch Batch, BatchShare Share);

    private readonly record struct Counts(double Rows, long Targets)
    {
        public static Counts Of(TrainingBatch batch)
        {
            using var scope = torch.NewDisposeScope();
            return new Counts(
                batch.RowWeights?.sum().ToDouble() ?? batch.Tokens.RowCount,
                batch.Targets?.ne(KeptScalar.Of(LanguageModelLoss.Ignored)).sum().ToInt64() ?? 0);
        }

        public BatchShare ShareOf(Counts all) => new(Rows / all.Rows, all.Targets == 0 ? 0 : Targets / (double)all.Targets);
    }
}
