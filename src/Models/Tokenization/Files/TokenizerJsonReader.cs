using System.Text.Json;

namespace MLNetLlm.Models;

/// <summary>Reads the <c>tokenizer.json</c> schema of Hugging Face's tokenizers library.</summary>
internal static class TokenizerJsonReader
{
    public static TokenizerDefinition Read(TokenizerBytes source)
    {
        List<AddedToken> addedTokens = [];
        SpecialTokenRoles roles = SpecialTokenRoles.None;
        TokenizerSections sections = new();
        Dictionary<string, JsonElement> others = [];
        ITokenModel? model = null;
        JsonSource.ReadFile(source, (ref Utf8JsonReader reader, string name) =>
        {
            switch (name)
            {
                case "version":
                    reader.Skip();
                    break;
                case "added_tokens":
                    JsonSource.ReadArray(ref reader, source, (ref Utf8JsonReader item) => addedTokens.Add(ReadAddedToken(ref item, source, ref roles)));
                    break;
                case "normalizer":
                    sections = sections with { Normalizer = JsonSource.ReadElement(ref reader) };
                    break;
                case "pre_tokenizer":
                    sections = sections with { PreTokenizer = JsonSource.ReadElement(ref reader) };
                    break;
                case "post_processor":
                    sections = sections with { PostProcessor = JsonSource.ReadElement(ref reader) };
                    break;
                case "decoder":
                    sections = sections with { Decoder = JsonSource.ReadElement(ref reader) };
                    break;
                case "model":
                    model = TokenModelReader.Read(ref reader, source);
                    break;
                default:
                    // Truncation and padding concern what callers do with the ids.
                    others[name] = JsonSource.ReadElement(ref reader);
                    break;
            }
        });

        return new TokenizerDefinition
        {
            Source = source.Name,
            Model = model ?? throw new InvalidDataException($"{source.Name}: expected the tokenizer.json schema with a property 'model'; it has none."),
            AddedTokens = Distinct(addedTokens, source),
            Sections = sections,
            Roles = roles,
            OtherProperties = others,
        };
    }

    private static AddedToken ReadAddedToken(ref Utf8JsonReader reader, TokenizerBytes source, ref SpecialTokenRoles roles)
    {
        long start = reader.TokenStartIndex;
        string content = "";
        int? id = null;
        Dictionary<string, bool> flags = [];
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
                case "special" or "single_word" or "lstrip" or "rstrip" or "normalized":
                    flags[name] = JsonSource.ReadBoolean(ref property, source);
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

        roles = roles.With(content, names);
        bool special = flags.GetValueOrDefault("special");
        return new AddedToken(content, id.Value, special)
        {
            SingleWord = flags.GetValueOrDefault("single_word"),
            StripsLeft = flags.GetValueOrDefault("lstrip"),
            StripsRight = flags.GetValueOrDefault("rstrip"),
            Normalized = flags.TryGetValue("normalized", out bool normalized) ? normalized : !special,
        };
    }

    private static List<AddedToken> Distinct(List<AddedToken> tokens, TokenizerBytes source)
    {
        foreach (IGrouping<string, AddedToken> same in tokens.GroupBy(token => token.Content))
        {
            if (same.Select(token => token.Id).Distinct().Count() > 1)
            {
                throw new InvalidDataException(
                    $"{source.Name}: an added token should have one id; '{same.Key}' has {string.Join(" and ", same.Select(token => token.Id))}.");
            }
        }

        return tokens.DistinctBy(token => token.Content).ToList();
    }
}
