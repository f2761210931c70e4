using System.Text.Json;

namespace Microsoft.ML.Tokenizers;

public sealed class BpeOptions
{
    public BpeOptions(IEnumerable<KeyValuePair<string, int>> vocabulary)
    {
        ArgumentNullException.ThrowIfNull(vocabulary);
        Vocabulary = vocabulary;
    }

    public BpeOptions(string vocabFile, string? mergesFile = null)
    {
        ArgumentNullException.ThrowIfNull(vocabFile);
        if (!File.Exists(vocabFile))
        {
            throw new ArgumentException($"Could not find the vocabulary file '{vocabFile}'.");
        }

        using (Stream vocabulary = File.OpenRead(vocabFile))
        {
            Vocabulary = JsonSerializer.Deserialize<Dictionary<string, int>>(vocabulary)
                ?? throw new InvalidOperationException($"The content of the vocabulary file '{vocabFile}' is not valid.");
        }

        if (mergesFile is not null)
        {
            if (!File.Exists(mergesFile))
            {
                throw new ArgumentException($"Could not find the merges file '{mergesFile}'.");
            }

            using Stream merges = File.OpenRead(mergesFile);
            Merges = MergeList.Read(merges, "Invalid merge file format at line");
        }
    }

    public IEnumerable<KeyValuePair<string, int>> Vocabulary { get; }

    public IEnumerable<string>? Merges { get; set; }

    public IReadOnlyDictionary<string, int>? SpecialTokens { get; set; }

    public Normalizer? Normalizer { get; set; }

    public PreTokenizer? PreTokenizer { get; set; }

    public string? UnknownToken { get; set; }

    public bool FuseUnknownTokens { get; set; }

    public string? ContinuingSubwordPrefix { get; set; }

    public string? EndOfWordSuffix { get; set; }

    public bool ByteLevel { get; set; }

    public string? BeginningOfSentenceToken { get; set; }

    public string? EndOfSentenceToken { get; set; }
}
