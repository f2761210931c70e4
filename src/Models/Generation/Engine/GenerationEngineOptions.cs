namespace MLNetLlm.Models;

/// <summary>Size of a <see cref="GenerationEngine"/>.</summary>
public sealed record GenerationEngineOptions
{
    /// <summary>Most sequences that are generated at once; at least 1; memory for their keys and values is reserved.</summary>
    public int SlotCount { get; init; } = 8;

    /// <summary>Most tokens of a sequence, prompt and text together, 1 to the network's context length; <see langword="null"/> is that length.</summary>
    public int? SlotCapacity { get; init; }

    /// <summary>
    /// Most tokens of prompts that are read in one step, padding counted: a long prompt is read in parts, between which running
    /// sequences get their tokens; at least 1.
    /// </summary>
    public int PromptTokensPerStep { get; init; } = 512;

    /// <summary>Tokens that may be written: ids below this; <see langword="null"/> is all that the network scores. A tokenizer may know fewer.</summary>
    public int? VocabularySize { get; init; }

    /// <summary>The token meant by <see cref="GenerationOptions.StopAtEndOfText"/>, where there is one.</summary>
    public int? EndOfTextId { get; init; }

    internal void Validate(TransformerModel network)
    {
        Check(SlotCount >= 1, nameof(SlotCount), "at least 1", SlotCount);
        Check(SlotCapacity is null || (SlotCapacity >= 1 && SlotCapacity <= network.ContextLength), nameof(SlotCapacity), $"1 to the network's context length {network.ContextLength}", SlotCapacity);
        Check(PromptTokensPerStep >= 1, nameof(PromptTokensPerStep), "at least 1", PromptTokensPerStep);
        Check(VocabularySize is null || (VocabularySize >= 1 && VocabularySize <= network.VocabularySize), nameof(VocabularySize), $"1 to the network's vocabulary of {network.VocabularySize}", VocabularySize);
    }

    private static void Check(bool holds, string name, string expected, object? found)
    {
        if (!holds)
        {
            throw new ArgumentException($"{nameof(GenerationEngineOptions)}.{name} must be {expected}, but is {found}.", name);
        }
    }
}
