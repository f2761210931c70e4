using System.Text.Json.Nodes;

namespace MLNetLlm.Models;

/// <summary>Reads the keys of a configuration file with errors that name file, key and what was found.</summary>
internal sealed class JsonKeys(JsonObject root, string nameForErrors)
{
    /// <summary>The value of a key, which is then no longer in the object; <paramref name="absent"/> where it is missing or null.</summary>
    public T Take<T>(string key, T absent)
    {
        var value = Peek(key, absent);
        root.Remove(key);
        return value;
    }

    /// <summary>Whether the key is there, be it with null.</summary>
    public bool Has(string key) => root.ContainsKey(key);

    /// <summary>The keys of an object within; null where it is missing or null.</summary>
    public JsonKeys? Child(string key) => root[key] switch
    {
        null => null,
        JsonObject child => new JsonKeys(child, $"{nameForErrors}, {key}"),
        var other => throw new InvalidDataException($"{nameForErrors}: '{key}' must be an object, but is {other.ToJsonString()}."),
    };

    /// <summary>A list of strings; null where it is missing or null.</summary>
    public IReadOnlyList<string>? Strings(string key) => root[key] switch
    {
        null => null,
        JsonArray list => [.. list.Select(item => item?.ToString() ?? "null")],
        var other => throw new InvalidDataException($"{nameForErrors}: '{key}' must be a list, but is {other.ToJsonString()}."),
    };

    public T Peek<T>(string key, T absent)
    {
        if (root[key] is not { } node)
        {
            return absent;
        }

        try
        {
            return node.GetValue<T>();
        }
        catch (Exception exception) when (exception is InvalidOperationException or FormatException)
        {
            var type = Nullable.GetUnderlyingType(typeof(T)) ?? typeof(T);
            throw new InvalidDataException($"{nameForErrors}: '{key}' must be of type {type.Name}, but is {node.ToJsonString()}.", exception);
        }
    }

    /// <summary>The first item of a list of strings; null where there is none.</summary>
    public string? FirstOf(string key) => root[key] is JsonArray { Count: > 0 } list ? list[0]?.ToString() : null;

    public void Require(bool holds, string key, string expected, object found)
    {
        if (!holds)
        {
            throw new InvalidDataException($"{nameForErrors}: '{key}' must be {expected}, but is {found}.");
        }
    }
}
