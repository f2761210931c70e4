using System.Text.Encodings.Web;
using System.Text.Json;

namespace MLNetLlm.Models;

/// <summary>Writes the <c>tokenizer.json</c> schema, version 1.0, as Hugging Face's tokenizers library writes GPT-2's.</summary>
internal static class TokenizerJsonWriter
{
    /// <summary>
    /// Our addition to an added token: what it is for. The schema's readers pass over properties that they do not know in
    /// an added token, and only there.
    /// </summary>
    public const string RolesProperty = "roles";

    public const string BeginningRole = "beginning_of_text";
    public const string EndRole = "end_of_text";
    public const string PaddingRole = "padding";

    public static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static readonly JsonWriterOptions Indented = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Write(TokenizerDefinition definition, Stream stream)
    {
        using Utf8JsonWriter writer = new(stream, Indented);
        writer.WriteStartObject();
        writer.WriteString("version", "1.0");
        writer.WriteNull("truncation");
        writer.WriteNull("padding");
        WriteAddedTokens(definition, writer);
        writer.WriteNull("normalizer");
        WritePreTokenizer(definition.Pattern, writer);
        WriteByteLevel("post_processor", addPrefixSpace: true, trimOffsets: false, useRegex: true, writer);
        WriteByteLevel("decoder", addPrefixSpace: true, trimOffsets: true, useRegex: true, writer);
        WriteModel(definition, writer);
        writer.WriteEndObject();
    }

    /// <summary>The vocabulary by ascending id, as the public files have it.</summary>
    public static void WriteVocabulary(IReadOnlyDictionary<string, int> vocabulary, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        foreach ((string token, int id) in vocabulary.OrderBy(entry => entry.Value))
        {
            writer.WriteNumber(token, id);
        }

        writer.WriteEndObject();
    }

    private static void WriteAddedTokens(TokenizerDefinition definition, Utf8JsonWriter writer)
    {
        writer.WriteStartArray("added_tokens");
        foreach (AddedToken token in definition.AddedTokens.OrderBy(token => token.Id))
        {
            writer.WriteStartObject();
            writer.WriteNumber("id", token.Id);
            writer.WriteString("content", token.Content);
            writer.WriteBoolean("single_word", false);
            writer.WriteBoolean("lstrip", false);
            writer.WriteBoolean("rstrip", false);
            writer.WriteBoolean("normalized", !token.Special);
            writer.WriteBoolean("special", token.Special);
            WriteRoles(token.Content, definition.Roles, writer);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteRoles(string content, SpecialTokenRoles roles, Utf8JsonWriter writer)
    {
        (string? Token, string Role)[] all =
            [(roles.BeginningOfText, BeginningRole), (roles.EndOfText, EndRole), (roles.Padding, PaddingRole)];
        string[] own = all.Where(role => role.Token == content).Select(role => role.Role).ToArray();
        if (own.Length > 0)
        {
            writer.WriteStartArray(RolesProperty);
            foreach (string role in own)
            {
                writer.WriteStringValue(role);
            }

            writer.WriteEndArray();
        }
    }

    private static void WritePreTokenizer(PiecePattern pattern, Utf8JsonWriter writer)
    {
        if (ReferenceEquals(pattern, PiecePattern.Gpt2))
        {
            WriteByteLevel("pre_tokenizer", addPrefixSpace: false, trimOffsets: true, useRegex: true, writer);
            return;
        }

        writer.WriteStartObject("pre_tokenizer");
        writer.WriteString("type", "Sequence");
        writer.WriteStartArray("pretokenizers");
        foreach (string expression in pattern.Expressions)
        {
            writer.WriteStartObject();
            writer.WriteString("type", "Split");
            writer.WriteStartObject("pattern");
            writer.WriteString("Regex", expression);
            writer.WriteEndObject();
            writer.WriteString("behavior", "Isolated");
            writer.WriteBoolean("invert", false);
            writer.WriteEndObject();
        }

        WriteByteLevel(null, addPrefixSpace: false, trimOffsets: true, useRegex: false, writer);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteByteLevel(string? name, bool addPrefixSpace, bool trimOffsets, bool useRegex, Utf8JsonWriter writer)
    {
        if (name is not null)
        {
            writer.WritePropertyName(name);
        }

        writer.WriteStartObject();
        writer.WriteString("type", "ByteLevel");
        writer.WriteBoolean("add_prefix_space", addPrefixSpace);
        writer.WriteBoolean("trim_offsets", trimOffsets);
        writer.WriteBoolean("use_regex", useRegex);
        writer.WriteEndObject();
    }

    private static void WriteModel(TokenizerDefinition definition, Utf8JsonWriter writer)
    {
        writer.WriteStartObject("model");
        writer.WriteString("type", "BPE");
        writer.WriteNull("dropout");
        writer.WriteNull("unk_token");
        writer.WriteNull("continuing_subword_prefix");
        writer.WriteNull("end_of_word_suffix");
        writer.WriteBoolean("fuse_unk", false);
        writer.WriteBoolean("byte_fallback", false);
        writer.WriteBoolean("ignore_merges", definition.WholePiecesFirst);
        writer.WritePropertyName("vocab");
        WriteVocabulary(definition.Vocabulary, writer);
        writer.WriteStartArray("merges");
        foreach (TokenMerge merge in definition.Merges)
        {
            writer.WriteStringValue($"{merge.Left} {merge.Right}");
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
