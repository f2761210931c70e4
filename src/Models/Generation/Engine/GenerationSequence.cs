namespace MLNetLlm.Models;

/// <summary>A text in the making: a prompt's ids and those that a <see cref="GenerationEngine"/> has written after them.</summary>
public sealed class GenerationSequence
{
    private readonly List<int> newTokens = [];
    private readonly List<TokenLogProbability>? logProbabilities;
    private readonly List<int> text;
    private readonly TokenHistory? history;
    private readonly TokenSampler sampler;

    internal GenerationSequence(int[] prompt, int droppedPromptTokens, GenerationOptions options)
    {
        Options = options;
        PromptTokens = prompt.Length;
        DroppedPromptTokens = droppedPromptTokens;
        text = [.. prompt];
        ToRead = prompt;
        sampler = new TokenSampler(options);
        history = options.IsPenalized ? new TokenHistory(prompt) : null;
        logProbabilities = options.LogProbabilities is null ? null : [];
        FinishReason = options.MaximumNewTokens == 0 ? Models.FinishReason.Length : null;
    }

    /// <summary>How it is continued.</summary>
    public GenerationOptions Options { get; }

    /// <summary>Tokens of the prompt.</summary>
    public int PromptTokens { get; }

    /// <summary>Tokens of the prompt that were left out, because it is longer than the context.</summary>
    public int DroppedPromptTokens { get; }

    /// <summary>The written tokens, without one that ended the text.</summary>
    public IReadOnlyList<int> NewTokens => newTokens;

    /// <summary>One for each written token, where they were asked for.</summary>
    public IReadOnlyList<TokenLogProbability>? LogProbabilities => logProbabilities;

    /// <summary>Why it ended; <see langword="null"/> while it goes on, and when it failed.</summary>
    public FinishReason? FinishReason { get; private set; }

    /// <summary>Why it could not go on: the network's scores are no numbers.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Whether no more tokens come.</summary>
    public bool IsFinished => FinishReason is not null || Failure is not null;

    internal IEnumerable<int> Prompt => text.Take(PromptTokens);

    /// <summary>Tokens that the network has to read before the next one can be chosen.</summary>
    internal int[] ToRead { get; private set; }

    /// <summary>How many of them it has read.</summary>
    internal int Read { get; set; }

    /// <summary>The last token, which the network has not read.</summary>
    internal int Last => text[^1];

    internal bool TakesTheHighest => sampler.TakesTheHighest && Options.LogProbabilities is null;

    internal void Finish(FinishReason reason)
    {
        if (!IsFinished)
        {
            FinishReason = reason;
        }
    }

    /// <summary>Chooses the next token from the scores of all.</summary>
    internal void Continue(ReadOnlySpan<float> logits, CandidateSet candidates, int? endOfTextId)
    {
        int next;
        try
        {
            next = sampler.Sample(logits, history ?? NoHistory, candidates);
        }
        catch (InvalidDataException exception)
        {
            Failure = exception;
            return;
        }

        if (Add(next, endOfTextId))
        {
            logProbabilities?.Add(Models.LogProbabilities.Of(next, logits, Options.LogProbabilities!.Value, candidates));
        }
    }

    /// <summary>Takes the likeliest token, which the device has found.</summary>
    internal void Continue(int highest, float logit, int? endOfTextId)
    {
        try
        {
            TokenSampler.RequireNumber(logit);
        }
        catch (InvalidDataException exception)
        {
            Failure = exception;
            return;
        }

        Add(highest, endOfTextId);
    }

    /// <summary>Forgets the oldest tokens; what is kept has to be read again.</summary>
    internal void Slide(long capacity)
    {
        ToRead = ContextWindow.Keep(text, Options.KeepFirst, ContextWindow.AfterOverflow(capacity, Options.KeepFirst));
        Read = 0;
    }

    private static readonly TokenHistory NoHistory = new([]);

    private bool Add(int next, int? endOfTextId)
    {
        if ((Options.StopAtEndOfText && next == endOfTextId) || Options.StopTokenIds.Contains(next))
        {
            Finish(Models.FinishReason.StopToken);
            return false;
        }

        text.Add(next);
        newTokens.Add(next);
        history?.Add(next);
        if (newTokens.Count >= Options.MaximumNewTokens)
        {
            Finish(Models.FinishReason.Length);
        }

        return true;
    }
}
