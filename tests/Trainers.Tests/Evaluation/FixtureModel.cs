using System.Text.Json;
using System.Text.Json.Nodes;
using MLNetLlm.Models;

namespace MLNetLlm.Trainers.Tests.Evaluation;

/// <summary>
/// A reference network with a tokenizer made for it: each id of one of the reference's sequences is a character of its own,
/// and the ids that it does not use are the bytes of a byte-level vocabulary. The sequence thereby is a text.
/// </summary>
internal sealed record FixtureModel(LanguageModel Model, string Text, int TokenCount, double Loss) : IDisposable
{
    private const int FirstCharacter = 0x4e00;

    public static FixtureModel Load(string name, int sequence, bool firstEndsTexts)
    {
        var directory = PublicCheckpoint.Fixture(name);
        var expected = JsonNode.Parse(File.ReadAllText(Path.Combine(directory, "expected.json")))!["sequences"]![sequence]!;
        var ids = expected["input_ids"]!.AsArray().Select(id => id!.GetValue<int>()).ToArray();
        var vocabularySize = JsonNode.Parse(File.ReadAllText(Path.Combine(directory, "config.json")))!["vocab_size"]!.GetValue<int>();
        using var json = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(TokenizerJson(ids, vocabularySize, firstEndsTexts)));
        var tokenizer = TextTokenizer.Read(json, "tokenizer of the test");
        using var temporary = new TemporaryDirectory();
        tokenizer.Save(temporary.Path);
        File.Copy(Path.Combine(directory, "config.json"), temporary.File("config.json"), overwrite: true);
        File.Copy(Path.Combine(directory, "model.safetensors"), temporary.File("model.safetensors"));
        var text = string.Concat(ids.Skip(firstEndsTexts ? 1 : 0).Select(Spelling));
        return new FixtureModel(LanguageModel.Load(temporary.Path, Precision.Float32, "cpu"), text, ids.Length, expected["loss"]!.GetValue<double>());
    }

    public void Dispose() => Model.Dispose();

    private static string Spelling(int id) => ((char)(FirstCharacter + id)).ToString();

    private static JsonObject TokenizerJson(int[] ids, int vocabularySize, bool firstEndsTexts)
    {
        var added = ids.Distinct().Select(id => new JsonObject
        {
            ["id"] = id,
            ["content"] = firstEndsTexts && id == ids[0] ? "<|endoftext|>" : Spelling(id),
            ["special"] = firstEndsTexts && id == ids[0],
        });
        var unused = Enumerable.Range(0, vocabularySize).Except(ids);
        var vocabulary = PublicCheckpoint.ByteCharacters().Zip(unused).Select(pair => KeyValuePair.Create(pair.First, (JsonNode?)JsonValue.Create(pair.Second)));
        return new JsonObject
        {
            ["added_tokens"] = new JsonArray(added.ToArray<JsonNode>()),
            ["pre_tokenizer"] = new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["use_regex"] = true },
            ["model"] = new JsonObject { ["type"] = "BPE", ["vocab"] = new JsonObject(vocabulary), ["merges"] = new JsonArray() },
        };
    }
}
