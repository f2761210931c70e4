using System.Text.Json;

namespace MLNetLlm.Models;

/// <summary>Reads the <c>model</c> of a <c>tokenizer.json</c>: a vocabulary of one of three kinds.</summary>
internal static class TokenModelReader
{
    public static ITokenModel Read(ref Utf8JsonReader reader, TokenizerBytes source)
    {
        // The type decides how the rest reads, and may stand after it: look ahead on a copy of the reader. Files of the
        // library's first versions name none; they differ in which properties they have.
        Utf8JsonReader ahead = reader;
        string? type = null;
        HashSet<string> names = [];
        JsonSource.ReadObject(ref ahead, source, (ref Utf8JsonReader property, string name) =>
        {
            names.Add(name);
            type = name == "type" ? JsonSource.ReadString(ref property, source) : type;
            property.Skip();
        });
        type ??= names.Contains("merges") ? "BPE" : names.Contains("unk_id") ? "Unigram" : names.Contains("max_input_chars_per_word") ? "WordPiece" : "BPE";
        return type switch
        {
            "BPE" => ReadBytePairs(ref reader, source),
            "WordPiece" => ReadWordPieces(ref reader, source),
            "Unigram" => ReadUnigrams(ref reader, source),
            _ => throw new NotSupportedException($"{source.Name}: model.type should be one of BPE, WordPiece, Unigram; found '{type}', which is not supported."),
        };
    }

    private static BytePairModel ReadBytePairs(ref Utf8JsonReader reader, TokenizerBytes source)
    {
        Dictionary<string, int> vocabulary = new(StringComparer.Ordinal);
        List<TokenMerge> merges = [];
        Dictionary<string, JsonElement> others = [];
        BytePairModel model = new() { Vocabulary = vocabulary, Merges = merges, OtherProperties = others };
        JsonSource.ReadObject(ref reader, source, (ref Utf8JsonReader property, string name) =>
        {
            switch (name)
            {
                // Dropout is for training; what it is set to there must not make encoding random.
                case "type" or "dropout":
                    property.Skip();
                    break;
                case "vocab":
                    GptVocabularyFiles.ReadVocabulary(ref property, source, vocabulary);
                    break;
                case "merges":
                    JsonSource.ReadArray(ref property, source, (ref Utf8JsonReader item) => merges.Add(ReadMerge(ref item, source)));
                    break;
                case "unk_token":
                    model = model with { UnknownToken = JsonSource.ReadOptionalString(ref property, source) };
                    break;
                case "fuse_unk":
                    model = model with { FusesUnknown = JsonSource.ReadOptionalBoolean(ref property, source) ?? false };
                    break;
                case "byte_fallback":
                    model = model with { ByteFallback = JsonSource.ReadOptionalBoolean(ref property, source) ?? false };
                    break;
                case "ignore_merges":
                    model = model with { WholePiecesFirst = JsonSource.ReadOptionalBoolean(ref property, source) ?? false };
                    break;
                case "continuing_subword_prefix" or "end_of_word_suffix":
                    if (JsonSource.ReadOptionalString(ref property, source) is { Length: > 0 } affix)
                    {
                        throw new NotSupportedException($"{source.Name}: model.{name} should be null or empty for BPE; found '{affix}', which is not supported.");
                    }

                    break;
                default:
                    others[name] = JsonSource.ReadElement(ref property);
                    break;
            }
        });
        return model;
    }

    private static WordPieceModel ReadWordPieces(ref Utf8JsonReader reader, TokenizerBytes source)
    {
        Dictionary<string, int> vocabulary = new(StringComparer.Ordinal);
        Dictionary<string, JsonElement> others = [];
        WordPieceModel model = new() { Vocabulary = vocabulary, OtherProperties = others };
        JsonSource.ReadObject(ref reader, source, (ref Utf8JsonReader property, string name) =>
        {
            switch (name)
            {
                case "type":
                    property.Skip();
                    break;
                case "vocab":
                    GptVocabularyFiles.ReadVocabulary(ref property, source, vocabulary);
                    break;
                case "unk_token":
                    model = model with { UnknownToken = JsonSource.ReadString(ref property, source) };
                    break;
                case "continuing_subword_prefix":
                    model = model with { Prefix = JsonSource.ReadString(ref property, source) };
                    break;
                case "max_input_chars_per_word":
                    model = model with { MaximumCharacters = JsonSource.ReadId(ref property, source) };
                    break;
                default:
                    others[name] = JsonSource.ReadElement(ref property);
                    break;
            }
        });
        return model;
    }

    private static UnigramModel ReadUnigrams(ref Utf8JsonReader reader, TokenizerBytes source)
    {
        List<ScoredPiece> pieces = [];
        int? unknownId = null;
        bool byteFallback = false;
        Dictionary<string, JsonElement> others = [];
        JsonSource.ReadObject(ref reader, source, (ref Utf8JsonReader property, string name) =>
        {
            switch (name)
            {
                case "type":
                    property.Skip();
                    break;
                case "vocab":
                    JsonSource.ReadArray(ref property, source, (ref Utf8JsonReader item) => pieces.Add(ReadPiece(ref item, source)));
                    break;
                case "unk_id":
                    unknownId = property.TokenType == JsonTokenType.Null ? null : JsonSource.ReadId(ref property, source);
                    break;
                case "byte_fallback":
                    byteFallback = JsonSource.ReadOptionalBoolean(ref property, source) ?? false;
                    break;
                default:
                    others[name] = JsonSource.ReadElement(ref property);
                    break;
            }
        });
        return new UnigramModel { Pieces = pieces, UnknownId = unknownId, ByteFallback = byteFallback, OtherProperties = others };
    }

    private static ScoredPiece ReadPiece(ref Utf8JsonReader reader, TokenizerBytes source)
    {
        long start = reader.TokenStartIndex;
        string? text = null;
        double? score = null;
        int count = 0;
        JsonSource.ReadArray(ref reader, source, (ref Utf8JsonReader item) =>
        {
            text = count == 0 && item.TokenType == JsonTokenType.String ? item.GetString() : text;
            score = count == 1 && item.TokenType == JsonTokenType.Number && item.TryGetDouble(out double value) ? value : score;
            item.Skip();
            count++;
        });
        return text is not null && score is double found && double.IsFinite(found) && count == 2
            ? new ScoredPiece(text, found)
            : throw source.Damaged(start, "a piece of model.vocab should be a string and a finite score");
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
