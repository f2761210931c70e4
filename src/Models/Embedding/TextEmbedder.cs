using TorchSharp;
using static TorchSharp.torch;

namespace MLNetLlm.Models;

/// <summary>How <see cref="TextEmbedder"/> makes vectors.</summary>
/// <param name="Pooling">How the hidden states of a text's tokens become one vector.</param>
/// <param name="Normalize">Whether vectors are scaled to length 1 (L2).</param>
/// <param name="MaximumTokens">Longest row, 1 to the context length; <see langword="null"/> is the context length.</param>
/// <param name="BatchSize">Most rows in one forward pass, at least 1.</param>
public sealed record TextEmbedderOptions(Pooling Pooling = Pooling.Mean, bool Normalize = false, int? MaximumTokens = null, int BatchSize = 32);

/// <summary>
/// Makes a vector of each text from a network's hidden states, those of similar length together. Any number of threads may use
/// one; the network must be in evaluation mode.
/// </summary>
public sealed class TextEmbedder
{
    private readonly LanguageModel model;
    private readonly TextEmbedderOptions options;

    /// <summary>Uses a model, which stays the caller's.</summary>
    /// <exception cref="ArgumentException">An option is out of range, or the network lacks the pooling's layer.</exception>
    public TextEmbedder(LanguageModel model, TextEmbedderOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        this.options = options ?? new TextEmbedderOptions();
        model.Network.RequirePooling(this.options.Pooling);
        ArgumentOutOfRangeException.ThrowIfLessThan(this.options.BatchSize, 1, nameof(TextEmbedderOptions.BatchSize));
        MaximumTokens = this.options.MaximumTokens ?? model.Config.ContextLength;
        if (MaximumTokens < 1 || MaximumTokens > model.Config.ContextLength)
        {
            throw new ArgumentException(
                $"{nameof(TextEmbedderOptions)}.{nameof(TextEmbedderOptions.MaximumTokens)} must be 1 to the context length {model.Config.ContextLength}, but is {MaximumTokens}.",
                nameof(options));
        }

        this.model = model;
        Dimensions = HiddenStates.PooledWidth(model.Network.Width, this.options.Pooling);
    }

    /// <summary>Numbers in a vector.</summary>
    public int Dimensions { get; }

    /// <summary>Longest row.</summary>
    public int MaximumTokens { get; }

    /// <summary>Embeds rows of token ids.</summary>
    /// <param name="rows">Ids of each text, 1 to <see cref="MaximumTokens"/>.</param>
    /// <param name="cancellationToken">Ends the work between two forward passes.</param>
    /// <returns>A vector of <see cref="Dimensions"/> numbers for each row.</returns>
    /// <exception cref="ArgumentException">A row is longer than the context.</exception>
    /// <exception cref="OperationCanceledException">The work was cancelled.</exception>
    public float[][] Embed(IReadOnlyList<int[]> rows, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var vectors = new float[rows.Count][];
        foreach (var batch in LengthBuckets.Plan([.. rows.Select(row => row.Length)], options.BatchSize, options.BatchSize * MaximumTokens))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var values = Forward(Array.ConvertAll(batch, row => rows[row]));
            for (var place = 0; place < batch.Length; place++)
            {
                vectors[batch[place]] = values.AsSpan(place * Dimensions, Dimensions).ToArray();
            }
        }

        return vectors;
    }

    private float[] Forward(IReadOnlyList<int[]> rows)
    {
        using var noGradient = no_grad();
        using var scope = NewDisposeScope();
        using var batch = TokenBatch.Create(rows, model.Tokenizer.PaddingId ?? model.Tokenizer.EndOfTextId ?? 0, model.Network);
        var pooled = model.Network.Pool(model.Network.Forward(batch.Ids, batch.Lengths), batch.Lengths, options.Pooling);
        return (options.Normalize ? pooled / pooled.norm(1, keepdim: true).clamp_min(KeptScalar.Of(1e-12)) : pooled).cpu().data<float>().ToArray();
    }
}
