using static TorchSharp.torch;

namespace MLNetLlm.Models;

/// <summary>
/// Tells how likely a causal language model finds texts. A text longer than the context is read in windows that overlap;
/// each of its tokens is predicted once, from at least as many tokens before it as windows overlap.
/// </summary>
/// <remarks>Any number of threads may use one scorer; the network must be in evaluation mode.</remarks>
public sealed class TextScorer
{
    private readonly LanguageModel model;
    private readonly int window;
    private readonly int stride;
    private readonly int batchSize;

    /// <summary>Uses a model, which stays the caller's.</summary>
    /// <param name="model">A causal language model.</param>
    /// <param name="stride">Tokens between the starts of two windows, 1 to the context length less one; <see langword="null"/> is half the context length.</param>
    /// <param name="batchSize">Most windows in one forward pass, at least 1.</param>
    /// <exception cref="ArgumentException">The model is not causal.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public TextScorer(LanguageModel model, int? stride = null, int batchSize = 32)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        if (!model.Network.IsCausal)
        {
            throw new ArgumentException("Texts can be scored only by a causal network, one that predicts the next token; this one looks both ways.", nameof(model));
        }

        window = model.Config.ContextLength;
        if (stride < 1 || stride >= window)
        {
            throw new ArgumentOutOfRangeException(nameof(stride), stride, $"Expected 1 to {window - 1}, one less than the context length.");
        }

        this.model = model;
        this.stride = stride ?? Math.Max(1, window / 2);
        this.batchSize = batchSize;
    }

    /// <summary>Scores rows of token ids, those of similar length together.</summary>
    /// <param name="rows">Token ids of each text; its first token is given, not predicted.</param>
    /// <param name="cancellationToken">Ends the work between two forward passes.</param>
    /// <returns>One result for each row.</returns>
    /// <exception cref="ArgumentException">A row holds an id that the vocabulary does not have.</exception>
    public IReadOnlyList<TextLikelihood> Score(IReadOnlyList<int[]> rows, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        for (var row = 0; row < rows.Count; row++)
        {
            RequireIds(rows[row], row);
        }

        using var noGradient = no_grad();
        var segments = rows.SelectMany(Segments).ToArray();
        var sums = new double[rows.Count];
        foreach (var batch in LengthBuckets.Plan(Array.ConvertAll(segments, segment => segment.Length), batchSize, batchSize * window))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var together = Array.ConvertAll(batch, index => segments[index]);
            foreach (var (segment, loss) in together.Zip(Losses(rows, together)))
            {
                sums[segment.Row] -= loss;
            }
        }

        return rows.Select((row, index) => new TextLikelihood(sums[index], Math.Max(0, row.Length - 1))).ToArray();
    }

    private void RequireIds(int[] tokens, int row)
    {
        foreach (var token in tokens)
        {
            if ((uint)token >= (uint)model.Config.VocabularySize)
            {
                throw new ArgumentException($"Row {row} holds the token id {token}; the vocabulary has {model.Config.VocabularySize} entries.", "rows");
            }
        }
    }

    private IEnumerable<Segment> Segments(int[] row, int index)
    {
        for (int start = 0, counted = 1; counted < row.Length; start += stride)
        {
            var length = Math.Min(window, row.Length - start);
            yield return new Segment(index, start, length, counted);
            counted = start + length;
        }
    }

    private float[] Losses(IReadOnlyList<int[]> rows, Segment[] segments)
    {
        using var scope = NewDisposeScope();
        var time = segments.Max(segment => segment.Length);
        var targets = new long[segments.Length * time];
        Array.Fill(targets, LanguageModelLoss.Ignored);
        for (var i = 0; i < segments.Length; i++)
        {
            var (row, start, length, firstCounted) = segments[i];
            for (var position = firstCounted; position < start + length; position++)
            {
                targets[i * time + position - start - 1] = rows[row][position];
            }
        }

        var tokens = Array.ConvertAll(segments, segment => rows[segment.Row][segment.Start..(segment.Start + segment.Length)]);
        var device = model.Network.Device;
        using var batch = TokenBatch.Create(tokens, paddingId: 0, device);
        var hidden = model.Network.forward(batch.Ids);
        var losses = LanguageModelLoss.Evaluate(model.Network, hidden, tensor(targets, [segments.Length, time], device: device), nn.Reduction.None);
        return losses.view(segments.Length, time).sum(1).cpu().data<float>().ToArray();
    }

    /// <summary>A window of a row and the first of its tokens that no earlier window has predicted.</summary>
    private readonly record struct Segment(int Row, int Start, int Length, int FirstCounted);
}
