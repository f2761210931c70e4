using TorchSharp;
using static TorchSharp.torch;

namespace MLNetLlm.Models;

/// <summary>
/// Continues texts with a language model, one token per step from keys and values kept of the tokens before. Any number of
/// threads may use one generator; the network must be in evaluation mode.
/// </summary>
public sealed class TextGenerator
{
    private readonly LanguageModel model;

    /// <summary>Uses a model, which stays the caller's.</summary>
    public TextGenerator(LanguageModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        this.model = model;
    }

    /// <summary>Continues one text.</summary>
    /// <param name="prompt">How it begins; when it is longer than the model can look back, its end counts.</param>
    /// <param name="options">How to continue it.</param>
    /// <param name="cancellationToken">Ends the work between two tokens.</param>
    /// <returns>What comes after the prompt.</returns>
    public string Continue(string prompt, GenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        return model.Tokenizer.Decode(Continue([model.Tokenizer.Encode(prompt)], options, cancellationToken)[0]);
    }

    /// <summary>Continues several texts, those of equal length together.</summary>
    /// <param name="prompts">Token ids of each text; none at all starts a new text.</param>
    /// <param name="options">How to continue them.</param>
    /// <param name="cancellationToken">Ends the work between two tokens.</param>
    /// <returns>The new ids of each text, without the prompt and without the end-of-text token.</returns>
    /// <exception cref="ArgumentException">An option is out of range, or an id is not in the vocabulary.</exception>
    public IReadOnlyList<int[]> Continue(
        IReadOnlyList<int[]> prompts, GenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        options ??= new GenerationOptions();
        options.Validate();
        var random = options.Seed is { } seed ? new Random(seed) : Random.Shared;
        var texts = prompts.Select((prompt, row) => new GeneratedText(Started(prompt, row), new TokenSampler(options, new Random(random.Next())))).ToArray();
        if (options.MaximumNewTokens > 0)
        {
            foreach (var group in texts.GroupBy(text => text.Ids.Count))
            {
                ContinueTogether([.. group], options, cancellationToken);
            }
        }

        return Array.ConvertAll(texts, text => text.NewIds);
    }

    private List<int> Started(int[] prompt, int row)
    {
        foreach (var id in prompt)
        {
            if ((uint)id >= (uint)model.Config.VocabularySize)
            {
                throw new ArgumentException($"Prompt {row} holds the token id {id}; the vocabulary has {model.Config.VocabularySize} entries.", nameof(prompt));
            }
        }

        return prompt.Length > 0
            ? [.. prompt]
            : [model.Tokenizer.EndOfTextId ?? throw new ArgumentException($"Prompt {row} is empty, and the tokenizer has no end-of-text token to start from.", nameof(prompt))];
    }

    private void ContinueTogether(GeneratedText[] texts, GenerationOptions options, CancellationToken cancellationToken)
    {
        using var noGradient = no_grad();
        var contextLength = model.Config.ContextLength;
        var capacity = Math.Min(contextLength, texts[0].Ids.Count + options.MaximumNewTokens);
        using var cache = model.Network.CreateCache(texts.Length, capacity);
        for (var step = 0; step < options.MaximumNewTokens && texts.Any(text => !text.IsFinished); step++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            // Positions are learned, so a full cache cannot slide: the second half of the text is read again.
            var window = cache.Length(0) == 0 ? Math.Min(texts[0].Ids.Count, contextLength) : 1;
            if (cache.Length(0) == capacity)
            {
                for (var slot = 0; slot < texts.Length; slot++)
                {
                    cache.Truncate(slot);
                }

                window = Math.Max(1, contextLength / 2);
            }

            var scores = Scores(texts, window, cache);
            var vocabularySize = scores.Length / texts.Length;
            for (var row = 0; row < texts.Length; row++)
            {
                texts[row].Add(scores.AsSpan(row * vocabularySize, vocabularySize), options.StopAtEndOfText ? model.Tokenizer.EndOfTextId : null);
            }
        }
    }

    // Scores of the next token of every text; entries that pad the network's vocabulary are no tokens and are left out.
    private float[] Scores(GeneratedText[] texts, int window, KeyValueCache cache)
    {
        using var scope = NewDisposeScope();
        var ids = new long[texts.Length * window];
        for (var row = 0; row < texts.Length; row++)
        {
            var tokens = texts[row].Ids;
            for (var position = 0; position < window; position++)
            {
                ids[row * window + position] = tokens[tokens.Count - window + position];
            }
        }

        var slots = new CacheSlots(cache, 0, texts.Length);
        var hidden = model.Network.Forward(tensor(ids, [texts.Length, window], device: model.Network.Device), slots);
        slots.Advance(_ => window);
        var logits = model.Network.Logits(hidden.select(1, window - 1));
        return logits.narrow(1, 0, model.Tokenizer.VocabularySize).cpu().contiguous().data<float>().ToArray();
    }

    private sealed class GeneratedText(List<int> ids, TokenSampler sampler)
    {
        private readonly int promptLength = ids.Count;
        private int? end;

        public List<int> Ids { get; } = ids;

        public bool IsFinished => end is not null;

        public int[] NewIds => Ids[promptLength..(end ?? Ids.Count)].ToArray();

        // A finished text goes on with its group, and what it adds is dropped.
        public void Add(ReadOnlySpan<float> logits, int? endOfTextId)
        {
            var next = sampler.Sample(logits);
            if (next == endOfTextId)
            {
                end ??= Ids.Count;
            }

            Ids.Add(next);
        }
    }
}
