using System.Text.Json;

namespace MLNetLlm.Models;

/// <summary>Finds out which tokenizer files a path holds, and writes the set of files that others read.</summary>
internal static class TokenizerFiles
{
    private const string TokenizerJson = "tokenizer.json";
    private const string WordPieceVocabulary = "vocab.txt";
    private static readonly string[] ModelNames = ["tokenizer.model", "spiece.model", SentencePieceFile.ShiftedName, "sentencepiece.model"];
    private static readonly (string Vocabulary, string Merges)[] GptPairs = [("vocab.json", "merges.txt"), ("encoder.json", "vocab.bpe")];

    public static TokenizerDefinition Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Directory.Exists(path))
        {
            List<string> files = FilesIn(path);
            TokenizerDefinition definition = LoadFile(files[0]);
            foreach (string other in files.Skip(1))
            {
                TokenizerAgreement.Require(definition, files[0], VocabularyOf(other), other);
            }

            return definition;
        }

        return File.Exists(path)
            ? LoadFile(path)
            : throw new FileNotFoundException($"There is no tokenizer file or directory '{path}'.", path);
    }

    public static void Save(TokenizerDefinition definition, bool byteLevel, string directory)
    {
        Directory.CreateDirectory(directory);
        Replace(Path.Combine(directory, TokenizerJson), stream => TokenizerJsonWriter.Write(definition, stream));
        if (byteLevel && definition.Model is BytePairModel bytePairs)
        {
            Replace(Path.Combine(directory, GptPairs[0].Vocabulary), stream => GptVocabularyFiles.WriteVocabulary(bytePairs, stream));
            Replace(Path.Combine(directory, GptPairs[0].Merges), stream => GptVocabularyFiles.WriteMerges(bytePairs, stream));
        }

        Replace(Path.Combine(directory, TokenizerConfiguration.FileName), stream => WriteConfiguration(definition.Roles, stream));
    }

    /// <summary>The tokenizer files of a directory, the one to read first: the one that says most about the tokenizer.</summary>
    private static List<string> FilesIn(string directory)
    {
        IEnumerable<string> named =
        [
            TokenizerJson,
            .. ModelNames,
            .. GptPairs.Where(pair => File.Exists(Path.Combine(directory, pair.Merges))).Select(pair => pair.Vocabulary),
            WordPieceVocabulary,
        ];
        List<string> files = [.. named.Select(name => Path.Combine(directory, name)).Where(File.Exists)];
        string[] unnamed = [.. Directory.GetFiles(directory, "*.tiktoken"), .. Directory.GetFiles(directory, "*.model").Except(files)];
        if (files.Count == 0 && unnamed.Length > 1)
        {
            throw new InvalidDataException(
                $"The directory '{directory}' should hold one tokenizer; it has {string.Join(", ", unnamed.Order().Select(Path.GetFileName))}. Name the file to load.");
        }

        // Beside a file with one of the usual names, a .model file may hold anything.
        files.AddRange(files.Count == 0 ? unnamed : unnamed.Where(file => Path.GetExtension(file) == ".tiktoken"));
        return files.Count > 0
            ? files
            : throw new FileNotFoundException(
                $"The directory '{directory}' should hold a tokenizer: {TokenizerJson}, a SentencePiece .model file, vocab.json with merges.txt, " +
                $"encoder.json with vocab.bpe, {WordPieceVocabulary}, or a .tiktoken file; it has none of them.");
    }

    private static TokenizerDefinition LoadFile(string path)
    {
        string name = Path.GetFileName(path);
        string directory = Path.GetDirectoryName(Path.GetFullPath(path))!;
        TokenizerConfiguration configuration = TokenizerConfiguration.Read(directory);
        foreach ((string vocabulary, string merges) in GptPairs)
        {
            if (name == vocabulary || name == merges)
            {
                TokenizerDefinition pair = GptVocabularyFiles.Read(Required(directory, vocabulary, name), Required(directory, merges, name), configuration);
                return configuration.ApplyTo(pair);
            }
        }

        TokenizerBytes source = TokenizerBytes.ReadFile(path);
        switch (Path.GetExtension(path).ToLowerInvariant())
        {
            // Its added tokens are complete: only roles come from the other files.
            case ".json":
                TokenizerDefinition definition = TokenizerJsonReader.Read(source);
                return configuration.ApplyTo(definition) with { AddedTokens = definition.AddedTokens };
            case ".txt":
                return configuration.ApplyTo(WordPieceFile.Read(source, configuration));
            case ".tiktoken" or ".model" when TiktokenFile.Recognises(source) || Path.GetExtension(path) == ".tiktoken":
                return TiktokenFile.Framed(configuration.ApplyTo(TiktokenFile.Read(source)), configuration);
            case ".model" when SentencePieceFile.Recognises(source):
                return configuration.ApplyTo(SentencePieceFile.Read(source, configuration));
            case ".model":
                throw source.Damaged(0, "a .model file should be a SentencePiece model or a tiktoken file (lines of base64 text and a rank); it is neither");
            default:
                throw new NotSupportedException(
                    $"The tokenizer file '{path}' should be {TokenizerJson}, vocab.json, merges.txt, encoder.json, vocab.bpe, {WordPieceVocabulary}, " +
                    $"a SentencePiece .model or a .tiktoken file; files '{Path.GetExtension(path)}' are not supported.");
        }
    }

    private static IReadOnlyDictionary<string, int> VocabularyOf(string path)
    {
        TokenizerBytes source = TokenizerBytes.ReadFile(path);
        return Path.GetExtension(path) switch
        {
            ".txt" => WordPieceFile.ReadVocabulary(source),
            ".json" => GptVocabularyFiles.ReadVocabulary(source),
            _ when TiktokenFile.Recognises(source) => TiktokenFile.ReadRanks(source),
            _ => SentencePieceFile.ReadVocabulary(source),
        };
    }

    private static TokenizerBytes Required(string directory, string name, string partner)
    {
        string path = Path.Combine(directory, name);
        return File.Exists(path)
            ? TokenizerBytes.ReadFile(path)
            : throw new FileNotFoundException($"The tokenizer file {partner} is one of two; '{path}' should stand beside it and does not.", path);
    }

    private static void WriteConfiguration(SpecialTokenRoles roles, Stream stream)
    {
        using Utf8JsonWriter writer = new(stream, TokenizerJsonWriter.Indented);
        writer.WriteStartObject();
        writer.WriteString("tokenizer_class", "PreTrainedTokenizerFast");
        writer.WriteBoolean("add_prefix_space", false);
        writer.WriteBoolean("clean_up_tokenization_spaces", false);
        foreach ((string key, string token) in roles.ByConfigurationKey())
        {
            writer.WriteString(key, token);
        }

        writer.WriteEndObject();
    }

    private static void Replace(string path, Action<Stream> write)
    {
        string unfinished = path + ".unfinished";
        using (FileStream stream = File.Create(unfinished))
        {
            write(stream);
        }

        File.Move(unfinished, path, overwrite: true);
    }
}
