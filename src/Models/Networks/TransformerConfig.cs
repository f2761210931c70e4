using System.Text.Json;
using System.Text.Json.Nodes;

namespace MLNetLlm.Models;

/// <summary>
/// Shape of a network. Each family has its own record, which reads and writes the family's public <c>config.json</c>; keys
/// that it does not know survive. Change one with <c>config with { ContextLength = 256 }</c>.
/// </summary>
public abstract record TransformerConfig
{
    internal static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>Rows of the token embedding, at least the tokenizer's size; a multiple of 64 is fastest.</summary>
    public int VocabularySize { get; init; }

    /// <summary>Most tokens of a sequence.</summary>
    public int ContextLength { get; init; }

    /// <summary>Transformer blocks.</summary>
    public int LayerCount { get; init; }

    /// <summary>Attention heads.</summary>
    public int HeadCount { get; init; }

    /// <summary>Size of a token's vector.</summary>
    public int Width { get; init; }

    /// <summary>Dropout of embeddings and block outputs while training, 0 to below 1.</summary>
    public double Dropout { get; init; }

    /// <summary>Standard deviation of random weights.</summary>
    public double InitializerRange { get; init; } = 0.02;

    /// <summary>Number of weights of a network of this shape.</summary>
    public abstract long ParameterCount { get; }

    internal abstract TransformerFamily Family { get; }

    /// <summary>The name in <c>architectures</c> of a network with these parts.</summary>
    private protected virtual string Architecture => Family.LanguageModelArchitecture;

    // What else the file said, as JSON text, so that records with equal content are equal.
    internal string? OtherKeys { get; init; }

    /// <summary>Reads the content of a <c>config.json</c> of any known family and checks it.</summary>
    /// <param name="json">The content.</param>
    /// <param name="nameForErrors">What error messages call the file.</param>
    /// <exception cref="InvalidDataException">It is no configuration of a known family, or one that its network would compute wrongly.</exception>
    public static TransformerConfig FromJson(string json, string nameForErrors = "config.json")
    {
        ArgumentNullException.ThrowIfNull(json);
        return FromJsonObject(ParseObject(json, nameForErrors), nameForErrors);
    }

    /// <summary>The content of a <c>config.json</c>; keys that came from <see cref="FromJson"/> and are not ours are kept.</summary>
    public string ToJson() => ToJsonObject().ToJsonString(Indented);

    /// <summary>Checks every setting.</summary>
    /// <exception cref="ArgumentException">A setting is out of range; the message names it, what was expected and what was found.</exception>
    public virtual void Validate()
    {
        AtLeastOne(VocabularySize, nameof(VocabularySize));
        AtLeastOne(ContextLength, nameof(ContextLength));
        AtLeastOne(LayerCount, nameof(LayerCount));
        AtLeastOne(HeadCount, nameof(HeadCount));
        AtLeastOne(Width, nameof(Width));
        Check(Dropout is >= 0 and < 1, nameof(Dropout), "0 to below 1", Dropout);
        Check(InitializerRange is >= 0 and <= 1, nameof(InitializerRange), "0 to 1", InitializerRange);
    }

    /// <summary>This configuration with those optional parts, such as heads, that a checkpoint has weights for.</summary>
    /// <param name="names">Names of its tensors in their current spelling, without the family's prefix.</param>
    internal virtual TransformerConfig WithPartsOf(IReadOnlySet<string> names) => this;

    internal static JsonObject ParseObject(string json, string nameForErrors)
    {
        try
        {
            return JsonNode.Parse(json) as JsonObject ?? throw new InvalidDataException($"{nameForErrors} must hold a JSON object.");
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"{nameForErrors} is not valid JSON: {exception.Message}", exception);
        }
    }

    // The family's record takes what it knows out of the object; the rest is kept.
    internal static TransformerConfig FromJsonObject(JsonObject root, string nameForErrors)
    {
        var keys = new JsonKeys(root, nameForErrors);
        var config = TransformerFamily.Of(keys).ReadConfig(keys);
        try
        {
            config.Validate();
        }
        catch (ArgumentException exception)
        {
            throw new InvalidDataException($"{nameForErrors} is not usable: {exception.Message}", exception);
        }

        return config with { OtherKeys = root.Count == 0 ? null : root.ToJsonString() };
    }

    internal JsonObject ToJsonObject()
    {
        var json = OtherKeys is null ? [] : (JsonObject)JsonNode.Parse(OtherKeys)!;
        if (!json.ContainsKey("architectures"))
        {
            json["architectures"] = new JsonArray(Architecture);
        }

        WriteKeys(json);
        return json;
    }

    /// <summary>Sets the keys of the family; those that came from a file and are not read are there already.</summary>
    private protected abstract void WriteKeys(JsonObject json);

    private protected void AtLeastOne(int value, string name) => Check(value >= 1, name, "at least 1", value);

    /// <param name="key">What the public file calls the setting, where that is another name.</param>
    private protected void Check(bool holds, string name, string expected, object? found, string? key = null)
    {
        if (!holds)
        {
            var inFiles = key is null ? "" : $" ('{key}' in config.json)";
            throw new ArgumentException(FormattableString.Invariant($"{GetType().Name}.{name}{inFiles} must be {expected}, but is {found ?? "null"}."), name);
        }
    }
}
