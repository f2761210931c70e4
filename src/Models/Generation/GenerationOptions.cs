namespace MLNetLlm.Models;

/// <summary>What happens when a text has filled the network's context and is not finished.</summary>
public enum ContextOverflow
{
    /// <summary>The text ends there, with <see cref="FinishReason.ContextOverflow"/>.</summary>
    Stop,

    /// <summary>
    /// The oldest tokens are forgotten: the first <see cref="GenerationOptions.KeepFirst"/> and the newest half of the others
    /// are read again, and the text goes on.
    /// </summary>
    Slide,
}

/// <summary>What happens to a prompt that is longer than the network's context.</summary>
public enum LongPrompt
{
    /// <summary>It is refused with an error that names both lengths.</summary>
    Refuse,

    /// <summary>
    /// Its first <see cref="GenerationOptions.KeepFirst"/> tokens and its end count; as many as leave room for the new tokens,
    /// and half of the context at least. <see cref="GeneratedText.DroppedPromptTokens"/> says how many were dropped.
    /// </summary>
    KeepEnd,
}

/// <summary>How text is continued. Immutable; change one with <c>options with { Temperature = 0.7 }</c>.</summary>
/// <remarks>
/// A token is chosen in this order: penalties, bias, temperature, top-k, top-p, min-p, draw. With temperature 0 the likeliest
/// token after penalties and bias is taken.
/// </remarks>
public sealed record GenerationOptions
{
    /// <summary>Most tokens to add, at least 0.</summary>
    public int MaximumNewTokens { get; init; } = 50;

    /// <summary>0 always takes the likeliest token; 1 draws from the model's probabilities; higher is more random.</summary>
    public double Temperature { get; init; }

    /// <summary>Draws only from this many of the likeliest tokens (Fan et al. 2018); 0 does not limit them.</summary>
    public int TopK { get; init; }

    /// <summary>
    /// Draws only from the fewest likeliest tokens that have this probability together (Holtzman et al. 2020); 1 does not
    /// limit them.
    /// </summary>
    public double TopP { get; init; } = 1;

    /// <summary>Draws only from tokens at least this share as probable as the likeliest (Nguyen et al. 2024); 0 does not limit them.</summary>
    public double MinP { get; init; }

    /// <summary>
    /// Divides positive scores, and multiplies negative ones, of every token that is in the prompt or was written (Keskar et
    /// al. 2019); 1 changes nothing.
    /// </summary>
    public double RepetitionPenalty { get; init; } = 1;

    /// <summary>Subtracted from the score of every token that was written; -2 to 2.</summary>
    public double PresencePenalty { get; init; }

    /// <summary>Subtracted from a token's score once for each time that it was written; -2 to 2.</summary>
    public double FrequencyPenalty { get; init; }

    /// <summary>Added to the scores of tokens by id, -100 (as good as never) to 100 (as good as always).</summary>
    public IReadOnlyDictionary<int, double> LogitBias { get; init; } = new Dictionary<int, double>();

    /// <summary>
    /// The same seed draws the same tokens for the same prompt, whatever else is generated beside it; <see langword="null"/>
    /// draws different ones each time.
    /// </summary>
    public long? Seed { get; init; }

    /// <summary>Whether a text ends where the model writes its end-of-text token.</summary>
    public bool StopAtEndOfText { get; init; } = true;

    /// <summary>Further tokens that end a text; they are not part of it.</summary>
    public IReadOnlyList<int> StopTokenIds { get; init; } = [];

    /// <summary>Spellings that end a text; they are not part of it, and nor is what follows.</summary>
    public IReadOnlyList<string> StopStrings { get; init; } = [];

    /// <summary>
    /// Log-probabilities of the written tokens: <see langword="null"/> for none, 0 for the written tokens alone, n for those of
    /// the n likeliest tokens at each place too; at most <see cref="MostLogProbabilities"/>.
    /// </summary>
    public int? LogProbabilities { get; init; }

    /// <summary>What happens when the context is full.</summary>
    public ContextOverflow ContextOverflow { get; init; }

    /// <summary>What happens to a prompt longer than the context.</summary>
    public LongPrompt LongPrompt { get; init; }

    /// <summary>Tokens at the prompt's beginning, for example instructions, that are kept when others are forgotten.</summary>
    public int KeepFirst { get; init; }

    /// <summary>Largest value of <see cref="LogProbabilities"/>.</summary>
    public const int MostLogProbabilities = 100;

    internal bool IsPenalized => RepetitionPenalty != 1 || PresencePenalty != 0 || FrequencyPenalty != 0;

    /// <summary>Checks every setting.</summary>
    /// <exception cref="ArgumentException">A setting is out of range; the message names it.</exception>
    public void Validate()
    {
        Check(MaximumNewTokens >= 0, nameof(MaximumNewTokens), "at least 0", MaximumNewTokens);
        Check(Temperature >= 0 && double.IsFinite(Temperature), nameof(Temperature), "a finite number, at least 0", Temperature);
        Check(TopK >= 0, nameof(TopK), "at least 0", TopK);
        Check(TopP is > 0 and <= 1, nameof(TopP), "above 0 and at most 1", TopP);
        Check(MinP is >= 0 and <= 1, nameof(MinP), "0 to 1", MinP);
        Check(RepetitionPenalty > 0 && double.IsFinite(RepetitionPenalty), nameof(RepetitionPenalty), "a finite number above 0", RepetitionPenalty);
        Check(PresencePenalty is >= -2 and <= 2, nameof(PresencePenalty), "-2 to 2", PresencePenalty);
        Check(FrequencyPenalty is >= -2 and <= 2, nameof(FrequencyPenalty), "-2 to 2", FrequencyPenalty);
        Check(LogProbabilities is null or (>= 0 and <= MostLogProbabilities), nameof(LogProbabilities), $"null or 0 to {MostLogProbabilities}", LogProbabilities);
        Check(Enum.IsDefined(ContextOverflow), nameof(ContextOverflow), "a policy", ContextOverflow);
        Check(Enum.IsDefined(LongPrompt), nameof(LongPrompt), "a policy", LongPrompt);
        Check(KeepFirst >= 0, nameof(KeepFirst), "at least 0", KeepFirst);
        foreach (var (id, bias) in LogitBias ?? throw Missing(nameof(LogitBias)))
        {
            Check(bias is >= -100 and <= 100, $"{nameof(LogitBias)}[{id}]", "-100 to 100", bias);
        }

        foreach (var text in StopStrings ?? throw Missing(nameof(StopStrings)))
        {
            Check(!string.IsNullOrEmpty(text), nameof(StopStrings), "texts of at least one character each", text is null ? "null" : "\"\"");
        }

        _ = StopTokenIds ?? throw Missing(nameof(StopTokenIds));
    }

    /// <summary>Checks every setting, and those whose range depends on the network.</summary>
    /// <param name="network">The network that is to write.</param>
    /// <exception cref="ArgumentException">A setting is out of range; the message names it.</exception>
    public void ValidateFor(TransformerModel network)
    {
        ArgumentNullException.ThrowIfNull(network);
        ValidateFor(network.VocabularySize, network.ContextLength);
    }

    /// <summary>Checks what depends on the network.</summary>
    internal void ValidateFor(int vocabularySize, long capacity)
    {
        Validate();
        foreach (var id in StopTokenIds)
        {
            Check((uint)id < (uint)vocabularySize, nameof(StopTokenIds), $"ids below {vocabularySize}, the size of the vocabulary", id);
        }

        foreach (var id in LogitBias.Keys)
        {
            Check((uint)id < (uint)vocabularySize, nameof(LogitBias), $"of ids below {vocabularySize}, the size of the vocabulary", id);
        }

        Check(KeepFirst < capacity, nameof(KeepFirst), $"below {capacity}, the tokens that the context holds", KeepFirst);
    }

    private static ArgumentException Missing(string name) => new($"GenerationOptions.{name} must not be null; leave it empty.", name);

    private static void Check(bool holds, string name, string expected, object? found)
    {
        if (!holds)
        {
            throw new ArgumentException(FormattableString.Invariant($"GenerationOptions.{name} must be {expected}, but is {found}."), name);
        }
    }
}
