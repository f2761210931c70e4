using System.Text.Json;

namespace MLNetLlm.Models;

/// <summary>Reads the <c>tokenizer.json</c> schema of Hugging Face's tokenizers library, byte-level BPE models only.</summary>
internal static class TokenizerJsonReader
{
    public static TokenizerDefinition Read(TokenizerBytes source)
    {
        List<AddedToken> addedTokens = [];
        SpecialTokenRoles roles = SpecialTokenRoles.None;
        PiecePattern? pattern = null;
        BytePairModel? model = null;
        JsonSource.ReadFile(source, (ref Utf8JsonReader reader, string name) =>
        {
            switch (name)
            {
                case "added_tokens":
                    JsonSource.ReadArray(ref reader, source, (ref Utf8JsonReader item) => addedTokens.Add(ReadAddedToken(ref item, source, ref roles)));
                    break;
                case "normalizer":
                    RequireNoNormalizer(JsonElement.ParseValue(ref reader), source);
                    break;
                case "pre_tokenizer":
                    pattern = TokenizerJsonPattern.Read(JsonElement.ParseValue(ref reader), source);
                    break;
                case "model":
                    model = ReadModel(ref reader, source);
                    break;
                default:
                    // Truncation, padding, post-processing and decoding concern what callers do with the ids.
                    reader.Skip();
                    break;
            }
        });

        if (model is null)
        {
            throw new InvalidDataException($"{source.Name}: expected the tokenizer.json schema with a property 'model'; it has none.");
        }

        return new TokenizerDefinition
        {
            Vocabulary = model.Vocabulary,
            Merges = model.Merges,
            AddedTokens = addedTokens,
            Pattern = pattern ?? throw new NotSupportedException(
                $"{source.Name}: BPE without a ByteLevel pre-tokenizer is not supported; supported is byte-level BPE."),
            WholePiecesFirst = model.IgnoreMerges,
            Roles = roles,
        }.Checked(source.Name);
    }

    private static AddedToken ReadAddedToken(ref Utf8JsonReader reader, TokenizerBytes source, ref SpecialTokenRoles roles)
    {
        long start = reader.TokenStartIndex;
        string content = "";
        int? id = null;
        bool special = false;
        List<string> names = [];
        JsonSource.ReadObject(ref reader, source, (ref Utf8JsonReader property, string name) =>
        {
            switch (name)
            {
                case "content":
                    content = JsonSource.ReadString(ref property, source);
                    break;
                case "id":
                    id = JsonSource.ReadId(ref property, source);
                    break;
                case "special":
                    special = JsonSource.ReadBoolean(ref property, source);
                    break;
                case TokenizerJsonWriter.RolesProperty:
                    JsonSource.ReadArray(ref property, source, (ref Utf8JsonReader item) => names.Add(JsonSource.ReadString(ref item, source)));
                    break;
                default:
                    property.Skip();
                    break;
            }
        });

        if (content.Length == 0 || id is null)
        {
            throw source.Damaged(start, "an added token should have a 'content' that is not empty and an 'id'");
        }

        roles = new SpecialTokenRoles(
            names.Contains(TokenizerJsonWriter.BeginningRole) ? content : roles.BeginningOfText,
            names.Contains(TokenizerJsonWriter.EndRole) ? content : roles.EndOfText,
            names.Contains(TokenizerJsonWriter.PaddingRole) ? content : roles.Padding);
        return new AddedToken(content, id.Value, special);
    }

    private static void RequireNoNormalizer(JsonElement normalizer, TokenizerBytes source)
    {
        bool empty = normalizer.ValueKind == JsonValueKind.Null
            || (normalizer.TryGetProperty("normalizers", out JsonElement list) && list.GetArrayLength() == 0);
        if (!empty)
        {
            throw new NotSupportedException(
                $"{source.Name}: the normalizer {TokenizerJsonPattern.TypeOf(normalizer)} is not supported; byte-level BPE is supported without one.");
        }
    }

    private static BytePairModel ReadModel(ref Utf8JsonReader reader, TokenizerBytes source)
    {
        // The type decides how the rest reads, and may stand after it: look ahead on a copy of the reader.
        Utf8JsonReader ahead = reader;
        string? type = null;
        JsonSource.ReadObject(ref ahead, source, (ref Utf8JsonReader property, string name) =>
        {
            type = name == "type" ? JsonSource.ReadString(ref property, source) : type;
            property.Skip();
        });

        // Files of the library's first versions name no type; byte-level BPE is recognised by what it holds.
        if (type is not (null or "BPE"))
        {
            throw new NotSupportedException($"{source.Name}: tokenizer model type '{type}' is not supported; supported is byte-level 'BPE'.");
        }

        BytePairModel model = new();
        JsonSource.ReadObject(ref reader, source, (ref Utf8JsonReader property, string name) => model.ReadProperty(ref property, name, source));
        return model;
    }

    private sealed class BytePairModel
    {
        public Dictionary<string, int> Vocabulary { get; } = new(StringComparer.Ordinal);

        public List<TokenMerge> Merges { get; } = [];

        public bool IgnoreMerges { get; private set; }

        public void ReadProperty(ref Utf8JsonReader reader, string name, TokenizerBytes source)
        {
            switch (name)
            {
                case "vocab":
                    GptVocabularyFiles.ReadVocabulary(ref reader, source, Vocabulary);
                    break;
                case "merges":
                    JsonSource.ReadArray(ref reader, source, (ref Utf8JsonReader item) => Merges.Add(ReadMerge(ref item, source)));
                    break;
                case "ignore_merges":
                    IgnoreMerges = JsonSource.ReadBoolean(ref reader, source);
                    break;
                case "continuing_subword_prefix" or "end_of_word_suffix" when reader.TokenType == JsonTokenType.String && reader.GetString() is { Length: > 0 } affix:
                    throw new NotSupportedException($"{source.Name}: BPE with {name} '{affix}' is not supported; supported is byte-level BPE without one.");
                default:
                    reader.Skip();
                    break;
            }
        }

        private static TokenMerge ReadMerge(ref Utf8JsonReader reader, TokenizerBytes source)
        {
            long start = reader.TokenStartIndex;
            string[] parts;
            if (reader.TokenType == JsonTokenType.StartArray)
            {
                List<string> items = [];
                JsonSource.ReadArray(ref reader, source, (ref Utf8JsonReader item) => items.Add(JsonSource.ReadString(ref item, source)));
                parts = [.. items];
            }
            else
            {
                parts = JsonSource.ReadString(ref reader, source).Split(' ');
            }

            return parts is [{ Length: > 0 } left, { Length: > 0 } right]
                ? new TokenMerge(left, right)
                : throw source.Damaged(start, "a merge should name two tokens");
        }
    }
}
