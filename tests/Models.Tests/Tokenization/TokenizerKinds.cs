using System.Text;

namespace MLNetLlm.Models.Tests.Tokenization;

/// <summary>A tokenizer of each kind, small and made here, or published and read from the data beside the repository.</summary>
internal static class TokenizerKinds
{
    public const string WordPieceWords = """
        [PAD] [UNK] [CLS] [SEP] [MASK] the house is wonderful hello world un ##aff ##able token ##ization ##s ##ing a b c d e ##a ##b ##c ##d ##e 1 2 3 ##1 ##2 ##3
        . , ! ? ' $ ~ # ca ##fe zu ##rich 世 界 cafe naive в мир
        """;

    public static readonly TheoryData<string> Made = ["byte-level", "word-piece", "unigram", "unigram-bytes", "characters"];

    public static readonly TheoryData<string> Published =
        ["encoder.json", "cl100k_base.tiktoken", "bert_base_uncased_vocab.txt", "llama2_tokenizer.model", "t5_spiece.model", "t5_small/tokenizer.json"];

    private static readonly Dictionary<string, TextTokenizer> Loaded = [];

    public static TextTokenizer Get(string name)
    {
        lock (Loaded)
        {
            return Loaded.TryGetValue(name, out TextTokenizer? tokenizer) ? tokenizer : Loaded[name] = Create(name);
        }
    }

    public static TextTokenizer Copy(TextTokenizer tokenizer) => TextTokenizer.Read(new MemoryStream(TokenizerTestData.Written(tokenizer)), "copy");

    public static TextTokenizer Read(string json) => TextTokenizer.Read(new MemoryStream(Encoding.UTF8.GetBytes(json)), "test.json");

    private static TextTokenizer Create(string name) => name switch
    {
        "byte-level" => TokenizerTestData.Small,
        "word-piece" => WordPiece(),
        "unigram" => Read(UnigramJson(byteFallback: false)),
        "unigram-bytes" => Read(UnigramJson(byteFallback: true)),
        "characters" => Read(CharactersJson),
        _ => TextTokenizer.Load(TokenizerTestData.SharedFile(name.Split('/'))),
    };

    private static TextTokenizer WordPiece()
    {
        using TemporaryDirectory directory = new();
        File.WriteAllLines(directory.File("vocab.txt"), WordPieceWords.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return TextTokenizer.Load(directory.Path);
    }

    private static string UnigramJson(bool byteFallback) =>
        $$"""
        {
          "added_tokens": [ { "id": 1, "content": "</s>", "special": true }, { "id": 0, "content": "<unk>", "special": true } ],
          "normalizer": { "type": "NFKC" },
          "pre_tokenizer": { "type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true },
          "post_processor": { "type": "TemplateProcessing", "single": [ { "Sequence": { "id": "A", "type_id": 0 } }, { "SpecialToken": { "id": "</s>", "type_id": 0 } } ],
            "special_tokens": { "</s>": { "id": "</s>", "ids": [1], "tokens": ["</s>"] } } },
          "decoder": { "type": "Sequence", "decoders": [ { "type": "ByteFallback" }, { "type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true } ] },
          "model": { "type": "Unigram", "unk_id": 0, "byte_fallback": {{(byteFallback ? "true" : "false")}}, "vocab": [
            ["<unk>", 0], ["</s>", 0], ["▁", -2], ["▁the", -3], ["▁house", -5.5], ["he", -4], ["h", -6], ["e", -4.5], ["l", -4.25], ["o", -5], ["ll", -5.125], ["▁hello", -9],
            ["w", -6], ["r", -5], ["ld", -7], ["d", -6], ["t", -5], ["th", -5.5], ["a", -4], ["aa", -8], ["!", -6], ["é", -9], ["世", -10], ["世界", -11]
            {{(byteFallback ? string.Concat(Enumerable.Range(0, 256).Select(value => $", [\"<0x{value:X2}>\", -20]")) : "")}} ] }
        }
        """;

    private static string CharactersJson =>
        $$"""
        {
          "added_tokens": [ { "id": 0, "content": "<unk>", "special": true, "normalized": false }, { "id": 1, "content": "<s>", "special": true, "normalized": false } ],
          "normalizer": { "type": "Sequence", "normalizers": [ { "type": "Prepend", "prepend": "▁" }, { "type": "Replace", "pattern": { "String": " " }, "content": "▁" } ] },
          "post_processor": { "type": "TemplateProcessing",
            "single": [ { "SpecialToken": { "id": "<s>", "type_id": 0 } }, { "Sequence": { "id": "A", "type_id": 0 } } ],
            "pair": [ { "SpecialToken": { "id": "<s>", "type_id": 0 } }, { "Sequence": { "id": "A", "type_id": 0 } }, { "SpecialToken": { "id": "<s>", "type_id": 1 } }, { "Sequence": { "id": "B", "type_id": 1 } } ],
            "special_tokens": { "<s>": { "id": "<s>", "ids": [1], "tokens": ["<s>"] } } },
          "decoder": { "type": "Sequence", "decoders": [ { "type": "Replace", "pattern": { "String": "▁" }, "content": " " }, { "type": "ByteFallback" }, { "type": "Fuse" },
            { "type": "Strip", "content": " ", "start": 1, "stop": 0 } ] },
          "model": { "type": "BPE", "unk_token": "<unk>", "fuse_unk": true, "byte_fallback": true,
            "vocab": { "<unk>": 0, "<s>": 1, {{string.Concat(Enumerable.Range(0, 256).Select(value => $"\"<0x{value:X2}>\": {value + 2}, "))}}
              "▁": 258, "h": 259, "e": 260, "l": 261, "o": 262, "t": 263, "a": 264, "▁t": 265, "▁th": 266, "▁the": 267, "he": 268, "ll": 269, "hell": 270, "aa": 271, "é": 272, "hello": 273 },
            "merges": ["▁ t", "▁t h", "▁th e", "h e", "l l", "he ll", "a a", "hell o"] }
        }
        """;
}
