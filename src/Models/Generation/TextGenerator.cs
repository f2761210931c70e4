using System.Runtime.CompilerServices;

namespace MLNetLlm.Models;

/// <summary>
/// Continues texts with a language model, one token per step from keys and values kept of the tokens before. Any number of
/// threads may use one generator; the network must be in evaluation mode.
/// </summary>
/// <remarks>For many requests at once, a <see cref="GenerationScheduler"/> batches those of different callers.</remarks>
public sealed class TextGenerator
{
    private const int PromptTokensPerStep = 2_048;

    private readonly LanguageModel model;
    private readonly int maximumBatchSize;

    /// <summary>Uses a model, which stays the caller's.</summary>
    /// <param name="model">The model.</param>
    /// <param name="maximumBatchSize">Most texts that are continued at once, at least 1.</param>
    /// <exception cref="NotSupportedException">The network looks both ways (BERT) and cannot continue a text.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maximumBatchSize"/> is below 1.</exception>
    public TextGenerator(LanguageModel model, int maximumBatchSize = 32)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfLessThan(maximumBatchSize, 1);
        GenerationEngine.RequireCausal(model.Network);
        this.model = model;
        this.maximumBatchSize = maximumBatchSize;
    }

    /// <summary>Continues one text.</summary>
    /// <param name="prompt">How it begins; nothing at all starts a new text. The tokenizer's beginning-of-text token is put before it where it puts one.</param>
    /// <param name="options">How to continue it.</param>
    /// <param name="cancellationToken">Ends the work between two tokens.</param>
    /// <exception cref="ArgumentException">An option is out of range, or the prompt is too long.</exception>
    /// <exception cref="InvalidDataException">The network's scores are no numbers.</exception>
    public GeneratedText Generate(string prompt, GenerationOptions? options = null, CancellationToken cancellationToken = default) =>
        Generate([prompt], options, cancellationToken)[0];

    /// <summary>Continues one text.</summary>
    /// <param name="prompt">Token ids of its beginning; none at all starts a new text.</param>
    /// <inheritdoc cref="Generate(string, GenerationOptions?, CancellationToken)"/>
    public GeneratedText Generate(int[] prompt, GenerationOptions? options = null, CancellationToken cancellationToken = default) =>
        Generate([prompt], options, cancellationToken)[0];

    /// <summary>Continues several texts together, each as it would be alone.</summary>
    /// <param name="prompts">How they begin.</param>
    /// <param name="options">How to continue each; a seed is that of each text.</param>
    /// <param name="cancellationToken">Ends the work between two tokens.</param>
    /// <returns>What was written after each prompt.</returns>
    /// <exception cref="ArgumentException">An option is out of range, or a prompt is too long.</exception>
    /// <exception cref="InvalidDataException">The network's scores are no numbers.</exception>
    public IReadOnlyList<GeneratedText> Generate(
        IReadOnlyList<string> prompts, GenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        return Generate([.. prompts.Select(prompt => PromptEncoder.Encode(model.Tokenizer, prompt))], options, cancellationToken);
    }

    /// <summary>Continues several texts together, each as it would be alone.</summary>
    /// <param name="prompts">Token ids of their beginnings.</param>
    /// <inheritdoc cref="Generate(IReadOnlyList{string}, GenerationOptions?, CancellationToken)"/>
    public IReadOnlyList<GeneratedText> Generate(
        IReadOnlyList<int[]> prompts, GenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        options ??= new GenerationOptions();
        options.Validate();
        if (prompts.Count == 0)
        {
            return [];
        }

        var started = prompts.Select(prompt => PromptEncoder.StartIfEmpty(model.Tokenizer, prompt)).ToArray();
        using var engine = new GenerationEngine(model.Network, new GenerationEngineOptions
        {
            SlotCount = Math.Min(prompts.Count, maximumBatchSize),
            SlotCapacity = Capacity(started.Max(prompt => prompt.Length), options),
            PromptTokensPerStep = PromptTokensPerStep,
            VocabularySize = model.Tokenizer.VocabularySize,
            EndOfTextId = model.Tokenizer.EndOfTextId,
        });
        var continuations = started.Select((prompt, row) => new Continuation(Create(engine, prompt, row, prompts.Count, options), model.Tokenizer)).ToArray();
        Run(engine, continuations, cancellationToken);
        return Array.ConvertAll(continuations, continuation => continuation.ToText());
    }

    /// <summary>Continues a text and gives it out as it is written, computed on a thread of its own.</summary>
    /// <param name="prompt">How it begins; nothing at all starts a new text.</param>
    /// <param name="options">How to continue it.</param>
    /// <param name="cancellationToken">Ends the work within a token.</param>
    /// <returns>Pieces of the text; the last one says why it ended. To stop reading ends the work.</returns>
    /// <exception cref="ArgumentException">An option is out of range, or the prompt is too long.</exception>
    public IAsyncEnumerable<GeneratedChunk> StreamAsync(string prompt, GenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        return StreamAsync(PromptEncoder.Encode(model.Tokenizer, prompt), options, cancellationToken);
    }

    /// <summary>Continues a text and gives it out as it is written, computed on a thread of its own.</summary>
    /// <param name="prompt">Token ids of its beginning; none at all starts a new text.</param>
    /// <inheritdoc cref="StreamAsync(string, GenerationOptions?, CancellationToken)"/>
    public async IAsyncEnumerable<GeneratedChunk> StreamAsync(
        int[] prompt, GenerationOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        var started = PromptEncoder.StartIfEmpty(model.Tokenizer, prompt);
        options ??= new GenerationOptions();
        options.Validate();
        await using var scheduler = new GenerationScheduler(model, new GenerationSchedulerOptions { SlotCount = 1, SlotCapacity = Capacity(started.Length, options) });
        await foreach (var chunk in scheduler.GenerateAsync(started, options, cancellationToken).ConfigureAwait(false))
        {
            yield return chunk;
        }
    }

    private int Capacity(int promptLength, GenerationOptions options) =>
        (int)Math.Min(model.Config.ContextLength, Math.Max(options.KeepFirst + 1L, promptLength + (long)Math.Max(1, options.MaximumNewTokens)));

    private static GenerationSequence Create(GenerationEngine engine, int[] prompt, int row, int count, GenerationOptions options)
    {
        try
        {
            return engine.CreateSequence(prompt, options);
        }
        catch (ArgumentException exception) when (count > 1 && exception.ParamName == "prompt")
        {
            throw new ArgumentException($"Prompt {row}: {exception.Message}", exception);
        }
    }

    private static void Run(GenerationEngine engine, Continuation[] continuations, CancellationToken cancellationToken)
    {
        var bySequence = continuations.ToDictionary(continuation => continuation.Sequence);
        var waiting = new Queue<GenerationSequence>(continuations.Select(continuation => continuation.Sequence).Where(sequence => !sequence.IsFinished));
        while (waiting.Count > 0 || engine.SequenceCount > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            while (engine.FreeSlotCount > 0 && waiting.TryDequeue(out var next))
            {
                engine.Admit(next);
            }

            foreach (var sequence in engine.Step())
            {
                bySequence[sequence].Advance(engine);
            }
        }
    }
}
