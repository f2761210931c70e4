using System.Text.Json.Nodes;

namespace MLNetLlm.Tests;

/// <summary>
/// Checkpoint directories as they are published: a reference network of each family, with tokenizer files of the formats that
/// the family comes with, made here.
/// </summary>
internal static class PublicCheckpoint
{
    public const string Gpt2 = "gpt2-tiny", Gpt2WithoutPrefix = "gpt2-tiny-noprefix", Llama = "llama-tiny-gqa", LlamaTied = "llama-tiny-ropescaled-tied", Bert = "bert-tiny";

    public static readonly string[] Decoders = [Gpt2, Gpt2WithoutPrefix, Llama, LlamaTied];

    private const string LlamaCharacters = "▁etaonisrhldcumpwfgyb";

    /// <summary>Makes one in a directory, which is created.</summary>
    public static string Create(string name, string directory)
    {
        Directory.CreateDirectory(directory);
        foreach (var file in new[] { "config.json", "model.safetensors" })
        {
            File.Copy(Path.Combine(Fixture(name), file), Path.Combine(directory, file));
        }

        if (name == Bert)
        {
            File.WriteAllLines(Path.Combine(directory, "vocab.txt"), BertWords());
        }
        else if (name is Llama or LlamaTied)
        {
            File.WriteAllText(Path.Combine(directory, "tokenizer.json"), LlamaTokenizer().ToJsonString());
        }
        else
        {
            var endOfText = JsonNode.Parse(File.ReadAllText(Path.Combine(directory, "config.json")))!["eos_token_id"]!.GetValue<int>();
            var tokens = ByteCharacters().Select((character, value) => KeyValuePair.Create(character, (JsonNode?)JsonValue.Create(value)));
            File.WriteAllText(
                Path.Combine(directory, "vocab.json"), new JsonObject([.. tokens, KeyValuePair.Create("<|endoftext|>", (JsonNode?)JsonValue.Create(endOfText))]).ToJsonString());
            File.WriteAllText(Path.Combine(directory, "merges.txt"), "#version: 0.2\n");
        }

        return directory;
    }

    /// <summary>The id of a word of BERT's vocabulary here is the number in it.</summary>
    public static string BertWord(int id) => $"w{id}";

    public static string Fixture(string name) => Path.Combine(Repository.Root, "tests", "fixtures", name);

    private static IEnumerable<string> BertWords() => ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. Enumerable.Range(5, 345).Select(BertWord)];

    // As LLaMA 2's: characters, spaces written as U+2581, other characters as their bytes, <s> before every text.
    private static JsonObject LlamaTokenizer()
    {
        string[] special = ["<unk>", "<s>", "</s>"];
        var tokens = special.Concat(Enumerable.Range(0, 256).Select(value => $"<0x{value:X2}>")).Concat(LlamaCharacters.Select(character => character.ToString()));
        return new JsonObject
        {
            ["added_tokens"] = new JsonArray([.. special.Select((content, id) => new JsonObject { ["id"] = id, ["content"] = content, ["special"] = true })]),
            ["normalizer"] = JsonNode.Parse(
                """{ "type": "Sequence", "normalizers": [ { "type": "Prepend", "prepend": "▁" }, { "type": "Replace", "pattern": { "String": " " }, "content": "▁" } ] }"""),
            ["post_processor"] = JsonNode.Parse(
                """
                { "type": "TemplateProcessing", "single": [ { "SpecialToken": { "id": "<s>", "type_id": 0 } }, { "Sequence": { "id": "A", "type_id": 0 } } ],
                  "special_tokens": { "<s>": { "id": "<s>", "ids": [1], "tokens": ["<s>"] } } }
                """),
            ["decoder"] = JsonNode.Parse(
                """
                { "type": "Sequence", "decoders": [ { "type": "Replace", "pattern": { "String": "▁" }, "content": " " }, { "type": "ByteFallback" },
                  { "type": "Fuse" }, { "type": "Strip", "content": " ", "start": 1, "stop": 0 } ] }
                """),
            ["model"] = new JsonObject
            {
                ["type"] = "BPE",
                ["unk_token"] = "<unk>",
                ["byte_fallback"] = true,
                ["vocab"] = new JsonObject(tokens.Select((token, id) => KeyValuePair.Create(token, (JsonNode?)JsonValue.Create(id)))),
                ["merges"] = new JsonArray(),
            },
        };
    }

    /// <summary>GPT-2's alphabet: printable bytes are their own characters, the others those from U+0100 on.</summary>
    public static IEnumerable<string> ByteCharacters()
    {
        var next = 0x100;
        for (var value = 0; value < 256; value++)
        {
            var isPrintable = value is >= '!' and <= '~' or >= 0xa1 and <= 0xac or >= 0xae;
            yield return ((char)(isPrintable ? value : next++)).ToString();
        }
    }
}
