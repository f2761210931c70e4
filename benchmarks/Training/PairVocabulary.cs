using System.Text;
using System.Text.Json;
using MLNetLlm.Models;

namespace MLNetLlm.Benchmarks;

/// <summary>A tokenizer with as many entries as GPT-2's, in the same files: bytes, pairs of bytes, and end-of-text.</summary>
internal static class PairVocabulary
{
    public const int Size = 50_257;

    private const int MergeCount = 50_000;

    public static TextTokenizer Create(string directory)
    {
        // GPT-2 writes the bytes that do not print as characters from 256 on.
        var printing = Enumerable.Range(33, 94).Concat(Enumerable.Range(161, 12)).Concat(Enumerable.Range(174, 82)).Select(code => (char)code).ToArray();
        var characters = printing.Concat(Enumerable.Range(256, 256 - printing.Length).Select(code => (char)code)).ToArray();
        var merges = characters.SelectMany(_ => characters, (first, second) => (First: first, Second: second)).Take(MergeCount).ToArray();
        var tokens = characters.Select(character => character.ToString()).Concat(merges.Select(merge => $"{merge.First}{merge.Second}")).Append("<|endoftext|>");
        var files = Directory.CreateDirectory(Path.Combine(directory, "vocabulary")).FullName;
        File.WriteAllText(Path.Combine(files, "vocab.json"), JsonSerializer.Serialize(tokens.Index().ToDictionary(entry => entry.Item, entry => entry.Index)));
        File.WriteAllLines(Path.Combine(files, "merges.txt"), merges.Select(merge => $"{merge.First} {merge.Second}").Prepend("#version: 0.2"), new UTF8Encoding(false));
        return TextTokenizer.Load(files);
    }
}
