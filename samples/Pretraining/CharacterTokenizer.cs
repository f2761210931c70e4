using System.Text.Json;
using MLNetLlm.Models;

namespace Pretraining;

/// <summary>A tokenizer whose tokens are the characters of a text, in their order: byte-pair encoding without a single pair.</summary>
internal static class CharacterTokenizer
{
    public static TextTokenizer Of(IEnumerable<string> texts)
    {
        var characters = texts.SelectMany(text => text.EnumerateRunes()).Distinct().Order().ToList();
        var description = new
        {
            added_tokens = Array.Empty<object>(),
            pre_tokenizer = new { type = "Split", pattern = new { String = "\n" }, behavior = "Isolated", invert = false },
            decoder = new { type = "Fuse" },
            model = new { type = "BPE", vocab = characters.Select((character, id) => (character, id)).ToDictionary(pair => pair.character.ToString(), pair => pair.id), merges = Array.Empty<string>() },
        };
        using var stream = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(description));
        return TextTokenizer.Read(stream, "the characters of the text");
    }
}
