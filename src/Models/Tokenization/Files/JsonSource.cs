using System.Text.Json;

namespace MLNetLlm.Models;

/// <summary>Reads JSON values out of a tokenizer file; every mismatch becomes an error with the file's name and offset.</summary>
internal static class JsonSource
{
    public delegate void ReadProperty(ref Utf8JsonReader reader, string name);

    public delegate void ReadItem(ref Utf8JsonReader reader);

    /// <summary>Reads a whole file that is one object.</summary>
    public static void ReadFile(TokenizerBytes source, ReadProperty readProperty)
    {
        Utf8JsonReader reader = new(source.Content.Span);
        try
        {
            reader.Read();
            ReadObject(ref reader, source, readProperty);
            reader.Read();
        }
        catch (JsonException exception)
        {
            long offset = OffsetOf(source, exception);
            throw source.Damaged(offset, offset >= source.Content.Length ? "the JSON text ends too early" : "the text is not valid JSON", exception);
        }
        catch (InvalidOperationException exception)
        {
            // The reader's answer to a string that is not valid UTF-8 or ends in half of a surrogate pair.
            throw source.Damaged(reader.TokenStartIndex, "a JSON string is not valid Unicode", exception);
        }
    }

    /// <summary>Calls for each property, with the reader at its value.</summary>
    public static void ReadObject(ref Utf8JsonReader reader, TokenizerBytes source, ReadProperty readProperty)
    {
        Expect(ref reader, source, JsonTokenType.StartObject, "an object");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            reader.Read();
            readProperty(ref reader, name);
        }
    }

    /// <summary>Calls for each element, with the reader at it.</summary>
    public static void ReadArray(ref Utf8JsonReader reader, TokenizerBytes source, ReadItem readItem)
    {
        Expect(ref reader, source, JsonTokenType.StartArray, "an array");
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            readItem(ref reader);
        }
    }

    public static string ReadString(ref Utf8JsonReader reader, TokenizerBytes source)
    {
        Expect(ref reader, source, JsonTokenType.String, "a string");
        return reader.GetString()!;
    }

    /// <summary>A string, or null where the file says null.</summary>
    public static string? ReadOptionalString(ref Utf8JsonReader reader, TokenizerBytes source) =>
        reader.TokenType == JsonTokenType.Null ? null : ReadString(ref reader, source);

    /// <summary>True, false, or null where the file says null.</summary>
    public static bool? ReadOptionalBoolean(ref Utf8JsonReader reader, TokenizerBytes source) =>
        reader.TokenType == JsonTokenType.Null ? null : ReadBoolean(ref reader, source);

    public static int ReadId(ref Utf8JsonReader reader, TokenizerBytes source)
    {
        Expect(ref reader, source, JsonTokenType.Number, "a token id");
        return reader.TryGetInt32(out int id) && id >= 0
            ? id
            : throw source.Damaged(reader.TokenStartIndex, "expected a token id, a whole number from 0 on");
    }

    public static bool ReadBoolean(ref Utf8JsonReader reader, TokenizerBytes source) =>
        reader.TokenType is JsonTokenType.True or JsonTokenType.False
            ? reader.GetBoolean()
            : throw Unexpected(ref reader, source, "true or false");

    /// <summary>A value of any shape, all of whose strings are valid Unicode.</summary>
    public static JsonElement ReadElement(ref Utf8JsonReader reader)
    {
        JsonElement element = JsonElement.ParseValue(ref reader);
        DecodeStrings(element);
        return element;
    }

    // Strings are decoded when asked for, which would be long after the place of the damage is known.
    private static void DecodeStrings(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                _ = element.GetString();
                break;
            case JsonValueKind.Array:
                foreach (JsonElement item in element.EnumerateArray())
                {
                    DecodeStrings(item);
                }

                break;
            case JsonValueKind.Object:
                foreach (JsonProperty property in element.EnumerateObject())
                {
                    _ = property.Name;
                    DecodeStrings(property.Value);
                }

                break;
        }
    }

    private static void Expect(ref Utf8JsonReader reader, TokenizerBytes source, JsonTokenType type, string expected)
    {
        if (reader.TokenType != type)
        {
            throw Unexpected(ref reader, source, expected);
        }
    }

    private static InvalidDataException Unexpected(ref Utf8JsonReader reader, TokenizerBytes source, string expected) =>
        source.Damaged(reader.TokenStartIndex, $"expected {expected}, found {reader.TokenType}");

    private static long OffsetOf(TokenizerBytes source, JsonException exception)
    {
        ReadOnlySpan<byte> content = source.Content.Span;
        int lineStart = 0;
        for (long line = exception.LineNumber ?? 0; line > 0; line--)
        {
            lineStart += content[lineStart..].IndexOf((byte)'\n') + 1;
        }

        return lineStart + (exception.BytePositionInLine ?? 0);
    }
}
