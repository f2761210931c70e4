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
