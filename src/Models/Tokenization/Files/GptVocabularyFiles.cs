using System.Text;
using System.Text.Json;

namespace MLNetLlm.Models;

/// <summary>
/// The two files GPT-2 was published with: a JSON object from token to id (<c>encoder.json</c>, <c>vocab.json</c>), and one
/// merge per line, the first to apply first (<c>vocab.bpe</c>, <c>merges.txt</c>).
/// </summary>
internal static class GptVocabularyFiles
{
    private const string VersionLine = "#version: 0.2";

    public static TokenizerDefinition Read(TokenizerBytes vocabularyFile, TokenizerBytes mergesFile, TokenizerConfiguration configuration)
    {
        Dictionary<string, int> vocabulary = ReadVocabulary(vocabularyFile);
        List<TokenMerge> merges = ReadMerges(mergesFile);

        // The files do not say which tokens are special; what neither a byte nor a merge gives, only a mark can be.
        HashSet<string> reachable = [.. ByteAlphabet.SortedCharacters.Select(character => character.ToString()), .. merges.Select(merge => merge.Joined)];
        List<AddedToken> special = vocabulary
            .Where(entry => !reachable.Contains(entry.Key))
            .Select(entry => new AddedToken(entry.Key, entry.Value, Special: true))
            .ToList();
        return new TokenizerDefinition
        {
            Source = $"{vocabularyFile.Name} with {mergesFile.Name}",
            Model = new BytePairModel { Vocabulary = vocabulary, Merges = merges },
            Sections = SectionsOf(configuration),
            AddedTokens = special,
        };
    }

    // The files do not say how text is cut either; Qwen uses them with an expression and a normalization of its own.
    private static TokenizerSections SectionsOf(TokenizerConfiguration configuration) =>
        configuration.TokenizerClass?.StartsWith("Qwen2", StringComparison.Ordinal) == true
            ? TokenizerSections.ByteLevel(PiecePattern.QwenExpression) with { Normalizer = JsonElement.Parse("""{"type":"NFC"}""") }
            : TokenizerSections.ByteLevel();

    public static Dictionary<string, int> ReadVocabulary(TokenizerBytes source)
    {
        Dictionary<string, int> vocabulary = new(StringComparer.Ordinal);
        JsonSource.ReadFile(source, (ref Utf8JsonReader reader, string token) => AddToken(ref reader, source, vocabulary, token));
        return vocabulary;
    }

    /// <summary>Reads an object from token to id.</summary>
    public static void ReadVocabulary(ref Utf8JsonReader reader, TokenizerBytes source, Dictionary<string, int> vocabulary) =>
        JsonSource.ReadObject(ref reader, source, (ref Utf8JsonReader value, string token) => AddToken(ref value, source, vocabulary, token));

    public static void WriteVocabulary(BytePairModel model, Stream stream)
    {
        using Utf8JsonWriter writer = new(stream, TokenizerJsonWriter.Compact);
        TokenizerJsonWriter.WriteVocabulary(model.Vocabulary, writer);
    }

    public static void WriteMerges(BytePairModel model, Stream stream)
    {
        using StreamWriter writer = new(stream, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" };
        writer.WriteLine(VersionLine);
        foreach (TokenMerge merge in model.Merges)
        {
            writer.WriteLine($"{merge.Left} {merge.Right}");
        }
    }

    private static void AddToken(ref Utf8JsonReader reader, TokenizerBytes source, Dictionary<string, int> vocabulary, string token)
    {
        if (!vocabulary.TryAdd(token, JsonSource.ReadId(ref reader, source)))
        {
            throw source.Damaged(reader.TokenStartIndex, $"the vocabulary should have each token once; '{token}' comes again");
        }
    }

    public static List<TokenMerge> ReadMerges(TokenizerBytes source)
    {
        List<TokenMerge> merges = [];
        int lineNumber = 0;
        foreach ((int offset, ReadOnlyMemory<byte> line) in source.Lines())
        {
            lineNumber++;
            if (line.IsEmpty || (lineNumber == 1 && line.Span.StartsWith("#version"u8)))
            {
                continue;
            }

            string[] parts = Encoding.UTF8.GetString(line.Span).Split(' ');
            merges.Add(parts is [{ Length: > 0 } left, { Length: > 0 } right]
                ? new TokenMerge(left, right)
                : throw source.Damaged(offset, $"line {lineNumber} should be two tokens with a space between them; found '{string.Join(' ', parts)}'"));
        }

        return merges;
    }
}
