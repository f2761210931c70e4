using System.Text.Json;

namespace MLNetLlm.Models;

/// <summary>
/// What the files beside a vocabulary say: <c>tokenizer_config.json</c>, then <c>special_tokens_map.json</c>, then
/// <c>generation_config.json</c>; where two state the same, the first counts.
/// </summary>
internal sealed class TokenizerConfiguration
{
    public const string FileName = "tokenizer_config.json";
    private const string TokenMapName = "special_tokens_map.json";
    private const string GenerationName = "generation_config.json";

    private readonly Dictionary<string, string> _tokens = [];
    private readonly Dictionary<string, bool> _flags = [];
    private readonly Dictionary<string, int> _ids = [];
    private readonly List<AddedToken> _addedTokens = [];

    private TokenizerConfiguration()
    {
    }

    public static TokenizerConfiguration None { get; } = new();

    /// <summary>The class that the file's writer used, for example <c>Qwen2Tokenizer</c>.</summary>
    public string? TokenizerClass { get; private set; }

    public static TokenizerConfiguration Read(string directory)
    {
        TokenizerConfiguration configuration = new();
        foreach (string name in new[] { FileName, TokenMapName, GenerationName })
        {
            string path = Path.Combine(directory, name);
            if (File.Exists(path))
            {
                configuration.Add(TokenizerBytes.ReadFile(path));
            }
        }

        return configuration;
    }

    public bool? Flag(string key) => _flags.TryGetValue(key, out bool value) ? value : null;

    public string? Token(string key) => _tokens.GetValueOrDefault(key);

    /// <summary>Whether a file names the token as one with a role.</summary>
    public bool States(string token) => _tokens.ContainsValue(token);

    /// <summary>The definition with the roles and tokens that the files state.</summary>
    public TokenizerDefinition ApplyTo(TokenizerDefinition definition)
    {
        // The files' names are the later word on tokens that the vocabulary's own file only numbers.
        HashSet<int> renamed = [.. _addedTokens.Select(token => token.Id)];
        HashSet<string> present = [.. _addedTokens.Select(token => token.Content)];
        List<AddedToken> added = definition.AddedTokens
            .Where(token => !renamed.Contains(token.Id) && !present.Contains(token.Content))
            .Concat(_addedTokens)
            .OrderBy(token => token.Id)
            .ToList();
        Dictionary<int, string> tokens = definition.Model.Vocabulary.Concat(added.Select(token => KeyValuePair.Create(token.Content, token.Id)))
            .DistinctBy(token => token.Value)
            .ToDictionary(token => token.Value, token => token.Key);
        SpecialTokenRoles generation = SpecialTokenRoles.OfConfiguration(key => _ids.TryGetValue(key, out int id) ? tokens.GetValueOrDefault(id) : null);
        return definition with
        {
            AddedTokens = added,
            Roles = SpecialTokenRoles.OfConfiguration(Token).Or(definition.Roles).Or(generation),
        };
    }

    private void Add(TokenizerBytes source)
    {
        JsonSource.ReadFile(source, (ref Utf8JsonReader reader, string name) =>
        {
            JsonSection value = new(JsonSource.ReadElement(ref reader), name, source.Name);
            if (name == "tokenizer_class")
            {
                TokenizerClass ??= value.IsNull ? null : value.AsText();
            }
            else if (name == "added_tokens_decoder" && !value.IsNull)
            {
                AddTokens(value);
            }
            else if (SpecialTokenRoles.ConfigurationKeys.Contains(name) && Spelling(value) is string token)
            {
                _tokens.TryAdd(name, token);
            }
            else if (name.EndsWith("_token_id", StringComparison.Ordinal) && FirstId(value.Element) is int id)
            {
                _ids.TryAdd(name[..^"_id".Length], id);
            }
            else if (value.Element.ValueKind is JsonValueKind.True or JsonValueKind.False)
            {
                _flags.TryAdd(name, value.Element.GetBoolean());
            }
        });
    }

    private void AddTokens(JsonSection tokens)
    {
        if (tokens.Element.ValueKind != JsonValueKind.Object)
        {
            throw tokens.Expected("an object from ids to tokens");
        }

        foreach (JsonProperty property in tokens.Element.EnumerateObject())
        {
            JsonSection token = new(property.Value, $"{tokens.Path}.{property.Name}", tokens.Source);
            if (!int.TryParse(property.Name, out int id) || id < 0)
            {
                throw tokens.Expected("an object whose keys are ids");
            }

            _addedTokens.Add(new AddedToken(token.Text("content"), id, token.Flag("special", false))
            {
                SingleWord = token.Flag("single_word", false),
                StripsLeft = token.Flag("lstrip", false),
                StripsRight = token.Flag("rstrip", false),
                Normalized = token.Flag("normalized", true),
            });
        }
    }

    // A token is written as a string or, with the options of an added token, as an object.
    private static string? Spelling(JsonSection token) => token.Element.ValueKind switch
    {
        JsonValueKind.String => token.AsText(),
        JsonValueKind.Object => token.Text("content"),
        _ => null,
    };

    // Several end-of-text ids: the first is the one that ends a text.
    private static int? FirstId(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => value.TryGetInt32(out int id) ? id : null,
        JsonValueKind.Array when value.GetArrayLength() > 0 => FirstId(value[0]),
        _ => null,
    };
}
