using static TorchSharp.torch;

namespace MLNetLlm.Models;

/// <summary>
/// Continues sequences of token ids together: each has a slot of one cache of keys and values, and they join and leave between
/// two steps. A step gives every running sequence one token, and reads a part of the waiting prompts, first come first served.
/// </summary>
/// <remarks>
/// <para>For one thread at a time; several engines may share a network, which must be in evaluation mode.</para>
/// <para>A sequence's tokens depend on its prompt, options and seed only, as far as the network's scores do: these may differ in
/// the last bits with the number of rows that run together, so that neighbours can change a token where two are as good as
/// equally likely. In 32 bits that is rare; in bfloat16 it happens.</para>
/// </remarks>
public sealed class GenerationEngine : IDisposable
{
    private readonly TransformerModel network;
    private readonly GenerationEngineOptions options;
    private readonly int vocabularySize;
    private readonly KeyValueCache cache;
    private readonly TokenScores scores;
    private readonly List<GenerationSequence> waiting = [];

    // The sequence at place i has slot i; the slot behind them belongs to a prompt of which a part is read.
    private readonly List<GenerationSequence> running = [];
    private GenerationSequence? reading;

    /// <summary>Reserves memory for the slots.</summary>
    /// <param name="network">Stays the caller's.</param>
    /// <param name="options">How much is generated at once.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="NotSupportedException">The network looks both ways (BERT) and cannot continue a text.</exception>
    public GenerationEngine(TransformerModel network, GenerationEngineOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        RequireCausal(network);
        this.options = options ?? new GenerationEngineOptions();
        this.options.Validate(network);
        this.network = network;
        vocabularySize = this.options.VocabularySize ?? network.VocabularySize;
        scores = new TokenScores(vocabularySize, this.options.EndOfTextId);
        cache = network.CreateCache(this.options.SlotCount, this.options.SlotCapacity ?? network.ContextLength);
    }

    /// <summary>Sequences that have no more tokens to come do not count.</summary>
    public int SequenceCount => waiting.Count + running.Count + (reading is null ? 0 : 1);

    /// <summary>Slots that nobody has.</summary>
    public int FreeSlotCount => options.SlotCount - SequenceCount;

    /// <summary>Checks a prompt and how it is to be continued. Any thread may do so.</summary>
    /// <param name="prompt">Token ids, at least one.</param>
    /// <param name="generation">How to continue it.</param>
    /// <exception cref="ArgumentException">The prompt is empty or too long, an id is not in the vocabulary, or an option is out of range.</exception>
    public GenerationSequence CreateSequence(IReadOnlyList<int> prompt, GenerationOptions? generation = null)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        generation ??= new GenerationOptions();
        generation.ValidateFor(network.VocabularySize, cache.Capacity);
        RequireIds(prompt);
        if (prompt.Count <= cache.Capacity)
        {
            return new GenerationSequence([.. prompt], 0, generation);
        }

        if (generation.LongPrompt == LongPrompt.Refuse)
        {
            throw new ArgumentException(
                $"The prompt has {prompt.Count} tokens, but at most {cache.Capacity} fit the context (context length of the network: {network.ContextLength}). "
                + $"Shorten it, or set {nameof(GenerationOptions)}.{nameof(GenerationOptions.LongPrompt)} to {nameof(LongPrompt.KeepEnd)}.",
                nameof(prompt));
        }

        var kept = Math.Max(generation.KeepFirst + 1, ContextWindow.OfLongPrompt(cache.Capacity, generation.MaximumNewTokens));
        return new GenerationSequence(ContextWindow.Keep(prompt, generation.KeepFirst, kept), prompt.Count - kept, generation);
    }

    /// <summary>Takes in a sequence, which needs a free slot; its first token comes when its prompt is read.</summary>
    /// <exception cref="InvalidOperationException">No slot is free.</exception>
    public void Admit(GenerationSequence sequence)
    {
        ArgumentNullException.ThrowIfNull(sequence);
        if (sequence.IsFinished)
        {
            return;
        }

        if (FreeSlotCount == 0)
        {
            throw new InvalidOperationException($"All {options.SlotCount} slots are taken.");
        }

        waiting.Add(sequence);
    }

    /// <summary>Gives every running sequence a token, and reads a part of the waiting prompts.</summary>
    /// <returns>The sequences that have got a token or have finished; twice one that has got two, because its context slid in between.</returns>
    public IReadOnlyList<GenerationSequence> Step()
    {
        using var noGradient = no_grad();
        var advanced = new List<GenerationSequence>(options.SlotCount);
        Advance(advanced);
        ReadPrompts(advanced);
        return advanced;
    }

    /// <summary>Ends a sequence before its time and frees its slot; nothing happens to one that has finished.</summary>
    public void Remove(GenerationSequence sequence, FinishReason reason)
    {
        ArgumentNullException.ThrowIfNull(sequence);
        sequence.Finish(reason);
        waiting.Remove(sequence);
        if (reading == sequence)
        {
            reading = null;
        }

        CloseGaps();
    }

    /// <summary>Frees the slots' memory.</summary>
    public void Dispose() => cache.Dispose();

    internal static void RequireCausal(TransformerModel network)
    {
        if (!network.IsCausal)
        {
            throw new NotSupportedException($"{network.GetName()} looks both ways and cannot continue a text; use a GPT-2 or LLaMA network.");
        }
    }

    private void RequireIds(IReadOnlyList<int> prompt)
    {
        if (prompt.Count == 0)
        {
            throw new ArgumentException("The prompt has no tokens; start a new text with the beginning-of-text or end-of-text token.", nameof(prompt));
        }

        for (var place = 0; place < prompt.Count; place++)
        {
            if ((uint)prompt[place] >= (uint)network.VocabularySize)
            {
                throw new ArgumentException(
                    $"The prompt holds the token id {prompt[place]} at place {place}; the vocabulary has {network.VocabularySize} entries.", nameof(prompt));
            }
        }
    }

    private void Advance(List<GenerationSequence> advanced)
    {
        if (running.Count == 0)
        {
            return;
        }

        using var ids = tensor(running.Select(sequence => (long)sequence.Last).ToArray(), [running.Count, 1], device: network.Device);
        var slots = new CacheSlots(cache, 0, running.Count);
        using (var hidden = network.Forward(ids, slots))
        using (var last = hidden.view(running.Count, network.Width))
        {
            slots.Advance(_ => 1);
            Choose(last, running);
        }

        advanced.AddRange(running);
        CloseGaps();
    }

    private void ReadPrompts(List<GenerationSequence> advanced)
    {
        if (reading is null && waiting.Count == 0)
        {
            return;
        }

        var group = reading is null ? PromptGroup.Take(waiting, options.PromptTokensPerStep) : [reading];
        if (reading is null)
        {
            for (var row = 0; row < group.Count; row++)
            {
                cache.Truncate(running.Count + row);
            }
        }

        var part = PromptPart.Next(group, options.PromptTokensPerStep, Math.Min(cache.Capacity, network.ContextLength), network);
        var slots = new CacheSlots(cache, running.Count, group.Count);
        using var ids = tensor(part.Ids, [group.Count, part.Time], device: network.Device);
        using var hidden = network.Forward(ids, slots);
        slots.Advance(row => part.Lengths[row]);
        for (var row = 0; row < group.Count; row++)
        {
            group[row].Read += part.Lengths[row];
        }

        reading = group[0].Read < group[0].ToRead.Length ? group[0] : null;
        if (reading is not null)
        {
            return;
        }

        using var last = part.LastPositions(hidden);
        Choose(last, group);
        running.AddRange(group);
        advanced.AddRange(group);
        CloseGaps();
    }

    private void Choose(Tensor hidden, IReadOnlyList<GenerationSequence> sequences)
    {
        using var logits = network.Logits(hidden);
        scores.Choose(logits, sequences);
    }

    // Slots of neighbours run together, so the last ones move to where others have left.
    private void CloseGaps()
    {
        var before = running.Count;
        for (var slot = running.Count - 1; slot >= 0; slot--)
        {
            if (!HasToLeave(running[slot], slot))
            {
                continue;
            }

            var last = running.Count - 1;
            if (slot < last)
            {
                cache.CopySlot(last, slot);
                running[slot] = running[last];
            }

            running.RemoveAt(last);
        }

        if (reading is not null && running.Count != before)
        {
            cache.CopySlot(before, running.Count);
        }
    }

    // A full slot has no room for the last token, so the text ends, or waits to be read again without its oldest tokens.
    private bool HasToLeave(GenerationSequence sequence, int slot)
    {
        if (!sequence.IsFinished && cache.Length(slot) >= cache.Capacity)
        {
            if (sequence.Options.ContextOverflow == ContextOverflow.Stop)
            {
                sequence.Finish(FinishReason.ContextOverflow);
                return true;
            }

            sequence.Slide(cache.Capacity);
            waiting.Insert(0, sequence);
            return true;
        }

        return sequence.IsFinished;
    }
}
