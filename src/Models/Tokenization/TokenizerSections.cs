using System.Text.Json;
using System.Text.Json.Nodes;

namespace MLNetLlm.Models;

/// <summary>
/// What happens around the vocabulary, as <c>tokenizer.json</c> describes it: changes to the text, cutting it, the tokens
/// put around it, and the way back. Kept as read, so that writing loses nothing.
/// </summary>
internal sealed record TokenizerSections
{
    private const string WordMark = "\u2581";

    public JsonElement Normalizer { get; init; } = Json("null");

    public JsonElement PreTokenizer { get; init; } = Json("null");

    public JsonElement PostProcessor { get; init; } = Json("null");

    public JsonElement Decoder { get; init; } = Json("null");

    /// <summary>Byte-level BPE, as Hugging Face's library writes GPT-2's; an expression of the encoding's own before it cuts the pieces.</summary>
    public static TokenizerSections ByteLevel(string expression = PiecePattern.Gpt2Expression) => new()
    {
        PreTokenizer = expression == PiecePattern.Gpt2Expression
            ? ByteLevelStep(addsPrefixSpace: false, trimsOffsets: true, usesExpression: true)
            : Json(new JsonObject
            {
                ["type"] = "Sequence",
                ["pretokenizers"] = new JsonArray(
                    new JsonObject
                    {
                        ["type"] = "Split",
                        ["pattern"] = new JsonObject { ["Regex"] = expression },
                        ["behavior"] = "Isolated",
                        ["invert"] = false,
                    },
                    Node(ByteLevelStep(addsPrefixSpace: false, trimsOffsets: true, usesExpression: false))),
            }),
        PostProcessor = ByteLevelStep(addsPrefixSpace: true, trimsOffsets: false, usesExpression: true),
        Decoder = ByteLevelStep(addsPrefixSpace: true, trimsOffsets: true, usesExpression: true),
    };

    /// <summary>BERT's basic tokenization.</summary>
    public static TokenizerSections Bert(bool lowersCase, bool separatesIdeographs, bool? stripsAccents, string prefix) => new()
    {
        Normalizer = Json(new JsonObject
        {
            ["type"] = "BertNormalizer",
            ["clean_text"] = true,
            ["handle_chinese_chars"] = separatesIdeographs,
            ["strip_accents"] = stripsAccents,
            ["lowercase"] = lowersCase,
        }),
        PreTokenizer = Json("""{"type":"BertPreTokenizer"}"""),
        Decoder = Json(new JsonObject { ["type"] = "WordPiece", ["prefix"] = prefix, ["cleanup"] = true }),
    };

    /// <summary>What a SentencePiece model does to text, in the steps that the format has for it.</summary>
    /// <param name="characterMap">The model's own replacements; empty for none.</param>
    /// <param name="removesExtraSpaces">Whether spaces at the ends go, and of several in a row all but one.</param>
    /// <param name="addsPrefix">Whether text begins with a word mark that is not in it.</param>
    /// <param name="byteFallback">Whether tokens for single bytes are to be joined when decoding.</param>
    public static TokenizerSections SentencePiece(ReadOnlySpan<byte> characterMap, bool removesExtraSpaces, bool addsPrefix, bool byteFallback)
    {
        JsonArray normalizers = [];
        if (!characterMap.IsEmpty)
        {
            normalizers.Add(new JsonObject { ["type"] = "Precompiled", ["precompiled_charsmap"] = Convert.ToBase64String(characterMap) });
        }

        if (removesExtraSpaces)
        {
            normalizers.Add(Replace("Regex", PiecePattern.OuterSpaces, ""));
            normalizers.Add(Replace("Regex", PiecePattern.RepeatedSpaces, " "));
        }

        if (addsPrefix)
        {
            normalizers.Add(new JsonObject { ["type"] = "Prepend", ["prepend"] = WordMark });
        }

        normalizers.Add(Replace("String", " ", WordMark));
        JsonArray decoders = [Replace("String", WordMark, " ")];
        if (byteFallback)
        {
            decoders.Add(new JsonObject { ["type"] = "ByteFallback" });
        }

        decoders.Add(new JsonObject { ["type"] = "Fuse" });
        if (addsPrefix)
        {
            decoders.Add(new JsonObject { ["type"] = "Strip", ["content"] = " ", ["start"] = 1, ["stop"] = 0 });
        }

        return new TokenizerSections
        {
            Normalizer = Json(new JsonObject { ["type"] = "Sequence", ["normalizers"] = normalizers }),
            Decoder = Json(new JsonObject { ["type"] = "Sequence", ["decoders"] = decoders }),
        };
    }

    /// <summary>With these tokens around every text; for a pair, around both, the second being of type 1 where <paramref name="typesPairs"/>.</summary>
    public TokenizerSections WithFrame(IReadOnlyList<AddedToken> before, IReadOnlyList<AddedToken> after, bool typesPairs)
    {
        if (before.Count + after.Count == 0)
        {
            return this;
        }

        JsonArray single = [.. before.Select(token => Special(token, 0)), Sequence("A", 0), .. after.Select(token => Special(token, 0))];
        int second = typesPairs ? 1 : 0;
        JsonNode[] repeated = typesPairs ? [] : [.. before.Select(token => Special(token, second))];
        JsonArray pair = [.. single.Select(part => part!.DeepClone()), .. repeated, Sequence("B", second), .. after.Select(token => Special(token, second))];
        JsonObject tokens = new(before.Concat(after).DistinctBy(token => token.Content).Select(token => KeyValuePair.Create<string, JsonNode?>(
            token.Content,
            new JsonObject { ["id"] = token.Content, ["ids"] = new JsonArray(token.Id), ["tokens"] = new JsonArray(token.Content) })));
        JsonObject template = new() { ["type"] = "TemplateProcessing", ["single"] = single, ["pair"] = pair, ["special_tokens"] = tokens };
        return this with
        {
            PostProcessor = PostProcessor.ValueKind == JsonValueKind.Null
                ? Json(template)
                : Json(new JsonObject { ["type"] = "Sequence", ["processors"] = new JsonArray(Node(PostProcessor), template) }),
        };

        static JsonNode Special(AddedToken token, int type) => Part("SpecialToken", token.Content, type);
        static JsonNode Sequence(string name, int type) => Part("Sequence", name, type);
        static JsonNode Part(string kind, string id, int type) => new JsonObject { [kind] = new JsonObject { ["id"] = id, ["type_id"] = type } };
    }

    private static JsonObject Replace(string patternKind, string pattern, string content) =>
        new() { ["type"] = "Replace", ["pattern"] = new JsonObject { [patternKind] = pattern }, ["content"] = content };

    private static JsonElement ByteLevelStep(bool addsPrefixSpace, bool trimsOffsets, bool usesExpression) => Json(new JsonObject
    {
        ["type"] = "ByteLevel",
        ["add_prefix_space"] = addsPrefixSpace,
        ["trim_offsets"] = trimsOffsets,
        ["use_regex"] = usesExpression,
    });

    private static JsonElement Json(string text) => JsonElement.Parse(text);

    private static JsonElement Json(JsonNode node) => JsonSerializer.SerializeToElement(node);

    private static JsonNode? Node(JsonElement element) => JsonNode.Parse(element.GetRawText());
}
