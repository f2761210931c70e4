using System.Text.Json;

namespace MLNetLlm.Models;

/// <summary>Finds out which tokenizer files a path holds, and writes the set of files that others read.</summary>
internal static class TokenizerFiles
{
    private const string TokenizerJson = "tokenizer.json";
    private const string TokenizerConfig = "tokenizer_config.json";
    private static readonly (string Vocabulary, string Merges)[] GptPairs = [("vocab.json", "merges.txt"), ("encoder.json", "vocab.bpe")];

    public static TokenizerDefinition Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Directory.Exists(path))
        {
            return WithConfiguredRoles(LoadFile(FileIn(path)), path);
        }

        return File.Exists(path)
            ? LoadFile(path)
            : throw new FileNotFoundException($"There is no tokenizer file or directory '{path}'.", path);
    }

    public static void Save(TokenizerDefinition definition, string directory)
    {
        Directory.CreateDirectory(directory);
        Replace(Path.Combine(directory, TokenizerJson), stream => TokenizerJsonWriter.Write(definition, stream));
        Replace(Path.Combine(directory, GptPairs[0].Vocabulary), stream => GptVocabularyFiles.WriteVocabulary(definition, stream));
        Replace(Path.Combine(directory, GptPairs[0].Merges), stream => GptVocabularyFiles.WriteMerges(definition, stream));
        Replace(Path.Combine(directory, TokenizerConfig), stream => WriteConfig(definition.Roles, stream));
    }

    private static string FileIn(string directory)
    {
        string[] vocabularies = [TokenizerJson, .. GptPairs.Where(pair => File.Exists(Path.Combine(directory, pair.Merges))).Select(pair => pair.Vocabulary)];
        string[] tiktoken = Directory.GetFiles(directory, "*.tiktoken");
        return vocabularies.Select(name => Path.Combine(directory, name)).FirstOrDefault(File.Exists)
            ?? (tiktoken.Length == 1 ? tiktoken[0] : null)
            ?? throw new FileNotFoundException(
                $"The directory '{directory}' should hold a tokenizer: {TokenizerJson}, or vocab.json with merges.txt, " +
                $"or encoder.json with vocab.bpe, or one .tiktoken file; it has none of them.");
    }

    private static TokenizerDefinition LoadFile(string path)
    {
        string name = Path.GetFileName(path);
        string directory = Path.GetDirectoryName(Path.GetFullPath(path))!;
        foreach ((string vocabulary, string merges) in GptPairs)
        {
            if (name == vocabulary || name == merges)
            {
                return GptVocabularyFiles.Read(Required(directory, vocabulary, name), Required(directory, merges, name));
            }
        }

        return Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".json" => TokenizerJsonReader.Read(TokenizerBytes.ReadFile(path)),
            ".tiktoken" => TiktokenFile.Read(TokenizerBytes.ReadFile(path)),
            string extension => throw new NotSupportedException(
                $"The tokenizer file '{path}' should be {TokenizerJson}, vocab.json, merges.txt, encoder.json, vocab.bpe or a .tiktoken file; " +
                $"files '{extension}' (SentencePiece, WordPiece) are not supported."),
        };
    }

    private static TokenizerBytes Required(string directory, string name, string partner)
    {
        string path = Path.Combine(directory, name);
        return File.Exists(path)
            ? TokenizerBytes.ReadFile(path)
            : throw new FileNotFoundException($"The tokenizer file {partner} is one of two; '{path}' should stand beside it and does not.", path);
    }

    private static TokenizerDefinition WithConfiguredRoles(TokenizerDefinition definition, string directory)
    {
        string path = Path.Combine(directory, TokenizerConfig);
        if (!File.Exists(path))
        {
            return definition;
        }

        TokenizerBytes source = TokenizerBytes.ReadFile(path);
        Dictionary<string, string> tokens = [];
        JsonSource.ReadFile(source, (ref Utf8JsonReader reader, string name) =>
        {
            if (name is "bos_token" or "eos_token" or "pad_token" && Spelling(JsonElement.ParseValue(ref reader)) is string token)
            {
                tokens[name] = token;
            }
            else
            {
                reader.Skip();
            }
        });

        SpecialTokenRoles configured = new(tokens.GetValueOrDefault("bos_token"), tokens.GetValueOrDefault("eos_token"), tokens.GetValueOrDefault("pad_token"));
        return definition with { Roles = configured.Or(definition.Roles) };
    }

    // A token is written as a string or, with the options of an added token, as an object.
    private static string? Spelling(JsonElement token) => token.ValueKind switch
    {
        JsonValueKind.String => token.GetString(),
        JsonValueKind.Object when token.TryGetProperty("content", out JsonElement content) && content.ValueKind == JsonValueKind.String => content.GetString(),
        _ => null,
    };

    private static void WriteConfig(SpecialTokenRoles roles, Stream stream)
    {
        using Utf8JsonWriter writer = new(stream, TokenizerJsonWriter.Indented);
        writer.WriteStartObject();
        writer.WriteString("tokenizer_class", "PreTrainedTokenizerFast");
        writer.WriteBoolean("add_prefix_space", false);
        writer.WriteBoolean("clean_up_tokenization_spaces", false);
        foreach ((string name, string? token) in new[] { ("bos_token", roles.BeginningOfText), ("eos_token", roles.EndOfText), ("pad_token", roles.Padding) })
        {
            if (token is not null)
            {
                writer.WriteString(name, token);
            }
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
