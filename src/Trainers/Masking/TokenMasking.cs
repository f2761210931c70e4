using MLNetLlm.Models;

namespace MLNetLlm.Trainers;

/// <summary>
/// Hides tokens of a row for a network to find out what they were. Which ones is a function of seed, epoch and place alone:
/// others in every epoch (Liu et al. 2019, section 4.1), the same ones in a run that is resumed. Special tokens are never hidden.
/// </summary>
internal sealed class TokenMasking
{
    private readonly TextTokenizer tokenizer;
    private readonly MaskingOptions options;
    private readonly int maskId;
    private readonly int? boundary;
    private readonly HashSet<int> special;
    private readonly int[] ordinary;

    /// <exception cref="ArgumentException">The tokenizer has no mask token.</exception>
    public TokenMasking(TextTokenizer tokenizer, MaskingOptions options)
    {
        this.tokenizer = tokenizer;
        this.options = options;
        maskId = tokenizer.MaskId ?? throw new ArgumentException(
            "The tokenizer has no mask token ([MASK]), which a masked language model needs; BytePairOptions.Bert learns one that has.", nameof(tokenizer));
        boundary = TextBoundary.Of(tokenizer);
        special = [.. tokenizer.SpecialTokens.Values];
        ordinary = Enumerable.Range(0, tokenizer.VocabularySize).Where(id => !special.Contains(id)).ToArray();
    }

    /// <param name="window">Ids of a text or a piece of one, or of several with boundaries between; those at its ends are left out.</param>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="epoch">Epoch, from 0.</param>
    /// <param name="place">A number of the row's own.</param>
    /// <returns>The framed row with tokens hidden, and at these places what they were.</returns>
    public TargetedRow Mask(int[] window, int seed, int epoch, long place)
    {
        var inputs = Framed(window);
        var targets = new long[inputs.Length];
        Array.Fill(targets, LanguageModelLoss.Ignored);
        var random = Randomness.Of(Randomness.Mix(Randomness.Key(seed, epoch, RandomPurpose.Masks), place));
        var candidates = Enumerable.Range(0, inputs.Length).Where(position => !special.Contains(inputs[position])).ToArray();
        random.Shuffle(candidates);
        var count = candidates.Length == 0 ? 0 : Math.Max(1, (int)Math.Round(candidates.Length * options.Share));
        foreach (var position in candidates.AsSpan(0, count))
        {
            targets[position] = inputs[position];
            var choice = random.NextDouble();
            if (choice < options.MaskedShare)
            {
                inputs[position] = maskId;
            }
            else if (choice < options.MaskedShare + options.RandomShare)
            {
                inputs[position] = ordinary[random.Next(ordinary.Length)];
            }
        }

        return new TargetedRow(inputs, targets);
    }

    private int[] Framed(int[] window)
    {
        var start = window.Length > 0 && window[0] == boundary ? 1 : 0;
        var end = window.Length > start && window[^1] == boundary ? window.Length - 1 : window.Length;
        return tokenizer.Frame(window[start..end]).Ids;
    }
}
