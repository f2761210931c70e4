namespace MLNetLlm.Models;

/// <summary>Which special tokens mark the beginning of a text, its end, and padding.</summary>
internal sealed record SpecialTokenRoles(string? BeginningOfText, string? EndOfText, string? Padding)
{
    private static readonly string[] BeginningNames = ["<|begin_of_text|>", "<|startoftext|>", "<s>", "<bos>", "[BOS]"];
    private static readonly string[] EndNames = ["<|endoftext|>", "<|end_of_text|>", "</s>", "<eos>", "[EOS]"];
    private static readonly string[] PaddingNames = ["<pad>", "<|pad|>", "[PAD]", "<|padding|>", "<|finetune_right_pad_id|>"];

    public static SpecialTokenRoles None { get; } = new(null, null, null);

    /// <summary>The roles that the usual spellings have, for files that do not state any.</summary>
    public static SpecialTokenRoles OfUsualNames(IEnumerable<string> specialTokens)
    {
        HashSet<string> present = [.. specialTokens];
        return new SpecialTokenRoles(
            BeginningNames.FirstOrDefault(present.Contains),
            EndNames.FirstOrDefault(present.Contains),
            PaddingNames.FirstOrDefault(present.Contains));
    }

    /// <summary>These roles, completed by <paramref name="fallback"/> where none is stated.</summary>
    public SpecialTokenRoles Or(SpecialTokenRoles fallback) =>
        new(BeginningOfText ?? fallback.BeginningOfText, EndOfText ?? fallback.EndOfText, Padding ?? fallback.Padding);
}
