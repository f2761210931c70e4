using System.Text.Json;

namespace MLNetLlm.Models;

/// <summary>One object of a tokenizer file, with the place that errors give it.</summary>
/// <param name="Element">The object.</param>
/// <param name="Path">Its place in the file, for example <c>normalizer.normalizers[1]</c>.</param>
/// <param name="Source">The file's name.</param>
internal readonly record struct JsonSection(JsonElement Element, string Path, string Source)
{
    public bool IsNull => Element.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined;

    /// <summary>The name that says what kind of step the object describes.</summary>
    public string Type => Text("type");

    /// <summary>The steps of a <c>Sequence</c>, or this one step; none for null.</summary>
    public IEnumerable<JsonSection> Steps(string listName)
    {
        if (IsNull)
        {
            return [];
        }

        return Type == "Sequence" ? Items(listName).SelectMany(item => item.Steps(listName)) : [this];
    }

    /// <summary>A property that is there and not null.</summary>
    public JsonSection? Find(string name) =>
        Element.ValueKind == JsonValueKind.Object && Element.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null
            ? new JsonSection(value, $"{Path}.{name}", Source)
            : null;

    public JsonSection Required(string name, string expected) => Find(name) ?? throw Expected($"an object with '{name}' ({expected})");

    public string Text(string name) => Required(name, "a string").AsText();

    public string Text(string name, string missing) => Find(name)?.AsText() ?? missing;

    public bool Flag(string name, bool missing) => OptionalFlag(name) ?? missing;

    public bool? OptionalFlag(string name) => Find(name) is not JsonSection value ? null : value.Element.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw value.Expected("true or false"),
    };

    public int Number(string name, int missing) => Find(name)?.AsNumber() ?? missing;

    public int AsNumber() =>
        Element.ValueKind == JsonValueKind.Number && Element.TryGetInt32(out int number) && number >= 0 ? number : throw Expected("a whole number from 0 on");

    public string AsText() => Element.ValueKind == JsonValueKind.String ? Element.GetString()! : throw Expected("a string");

    public IEnumerable<JsonSection> Items(string name)
    {
        JsonSection list = Required(name, "an array");
        return list.AsItems();
    }

    public IEnumerable<JsonSection> AsItems()
    {
        if (Element.ValueKind != JsonValueKind.Array)
        {
            throw Expected("an array");
        }

        (string path, string source) = (Path, Source);
        return Element.EnumerateArray().Select((item, index) => new JsonSection(item, $"{path}[{index}]", source));
    }

    public InvalidDataException Expected(string expected)
    {
        string found = Element.ValueKind == JsonValueKind.Undefined ? "nothing" : Element.GetRawText();
        return new InvalidDataException($"{Source}: {Path} should be {expected}; found {(found.Length > 80 ? found[..80] + "…" : found)}.");
    }

    public NotSupportedException NotSupported(string key, string expected) =>
        new($"{Source}: {Path}.{key} should be {expected}; found {Find(key)?.Element.GetRawText() ?? "nothing"}, which is not supported.");
}
