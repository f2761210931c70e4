using System.Text.Encodings.Web;
using System.Text.Json;

namespace MLNetLlm.Models;

/// <summary>Writes the <c>tokenizer.json</c> schema, version 1.0, as Hugging Face's tokenizers library writes it.</summary>
internal static class TokenizerJsonWriter
{
    /// <summary>
    /// Our addition to an added token: what it is for. The schema's readers pass over properties that they do not know in
    /// an added token, and only there.
    /// </summary>
    public const string RolesProperty = "roles";

    public static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static readonly JsonWriterOptions Indented = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Write(TokenizerDefinition definition, Stream stream)
    {
        using Utf8JsonWriter writer = new(stream, Indented);
        writer.WriteStartObject();
        writer.WriteString("version", "1.0");
        WriteOther("truncation", definition.OtherProperties, writer);
        WriteOther("padding", definition.OtherProperties, writer);
        WriteAddedTokens(definition, writer);
        Write("normalizer", definition.Sections.Normalizer, writer);
        Write("pre_tokenizer", definition.Sections.PreTokenizer, writer);
        Write("post_processor", definition.Sections.PostProcessor, writer);
        Write("decoder", definition.Sections.Decoder, writer);
        writer.WriteStartObject("model");
        definition.Model.Write(writer);
        foreach ((string name, JsonElement value) in definition.Model.OtherProperties)
        {
            Write(name, value, writer);
        }

        writer.WriteEndObject();
        foreach ((string name, JsonElement value) in definition.OtherProperties.Where(property => property.Key is not ("truncation" or "padding")))
        {
            Write(name, value, writer);
        }

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

    private static void WriteOther(string name, IReadOnlyDictionary<string, JsonElement> others, Utf8JsonWriter writer)
    {
        if (others.TryGetValue(name, out JsonElement value))
        {
            Write(name, value, writer);
        }
        else
        {
            writer.WriteNull(name);
        }
    }

    private static void Write(string name, JsonElement value, Utf8JsonWriter writer)
    {
        writer.WritePropertyName(name);
        value.WriteTo(writer);
    }

    private static void WriteAddedTokens(TokenizerDefinition definition, Utf8JsonWriter writer)
    {
        writer.WriteStartArray("added_tokens");
        foreach (AddedToken token in definition.AddedTokens.OrderBy(token => token.Id))
        {
            writer.WriteStartObject();
            writer.WriteNumber("id", token.Id);
            writer.WriteString("content", token.Content);
            writer.WriteBoolean("single_word", token.SingleWord);
            writer.WriteBoolean("lstrip", token.StripsLeft);
            writer.WriteBoolean("rstrip", token.StripsRight);
            writer.WriteBoolean("normalized", token.Normalized);
            writer.WriteBoolean("special", token.Special);
            string[] roles = definition.Roles.NamesOf(token.Content).ToArray();
            if (roles.Length > 0)
            {
                writer.WriteStartArray(RolesProperty);
                Array.ForEach(roles, writer.WriteStringValue);
                writer.WriteEndArray();
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
