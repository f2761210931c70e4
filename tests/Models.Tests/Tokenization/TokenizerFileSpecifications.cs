using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MLNetLlm.Models.Tests.Tokenization;

public sealed class TokenizerFileSpecifications
{
    [Fact]
    public void A_saved_tokenizer_loads_from_the_directory_and_from_each_of_its_files()
    {
        using TemporaryDirectory directory = new();
        TokenizerTestData.Small.Save(directory.Path);

        Assert.Equal(
            ["merges.txt", "tokenizer.json", "tokenizer_config.json", "vocab.json"],
            Directory.GetFiles(directory.Path).Select(Path.GetFileName).Order());
        foreach (string path in new[] { directory.Path, directory.File("tokenizer.json"), directory.File("vocab.json"), directory.File("merges.txt") })
        {
            AssertSame(TokenizerTestData.Small, TextTokenizer.Load(path));
        }
    }

    [Fact]
    public void The_stream_form_reads_back_and_writes_the_same_bytes_again()
    {
        byte[] written = TokenizerTestData.Written(TokenizerTestData.Small);

        TextTokenizer read = TextTokenizer.Read(new MemoryStream(written), "tokenizer");

        AssertSame(TokenizerTestData.Small, read);
        Assert.Equal(written, TokenizerTestData.Written(read));
    }

    [SkippableTheory]
    [InlineData("encoder.json")]
    [InlineData("r50k_base.tiktoken")]
    [InlineData("cl100k_base.tiktoken")]
    [InlineData("tiny_random_gpt2", "tokenizer.json")]
    public void A_loaded_vocabulary_survives_saving_and_loading(params string[] file)
    {
        TextTokenizer loaded = TextTokenizer.Load(TokenizerTestData.SharedFile(file));
        using TemporaryDirectory directory = new();
        loaded.Save(directory.Path);

        AssertSame(loaded, TextTokenizer.Load(directory.Path));
    }

    [Fact]
    public void The_written_file_has_the_public_schema()
    {
        JsonNode json = JsonNode.Parse(TokenizerTestData.Written(TokenizerTestData.Small))!;

        Assert.Equal("1.0", (string?)json["version"]);
        Assert.Equal(
            ["version", "truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer", "post_processor", "decoder", "model"],
            json.AsObject().Select(property => property.Key));
        Assert.Equal("""{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":true}""", json["pre_tokenizer"]!.ToJsonString());
        Assert.Equal("BPE", (string?)json["model"]!["type"]);
        Assert.Equal(TokenizerTestData.Small.VocabularySize, json["model"]!["vocab"]!.AsObject().Count);
        Assert.Equal(TokenizerTestData.Small.VocabularySize - 257, json["model"]!["merges"]!.AsArray().Count);
        Assert.Equal(
            ["id", "content", "single_word", "lstrip", "rstrip", "normalized", "special", "roles"],
            json["added_tokens"]![0]!.AsObject().Select(property => property.Key));
    }

    [Fact]
    public void Roles_come_from_the_configuration_file_and_survive_the_stream_form()
    {
        using TemporaryDirectory directory = new();
        BytePairOptions options = new() { VocabularySize = 300, SpecialTokens = ["<start>", "<stop>", "<fill>"] };
        BytePairLearner.Learn([TokenizerTestData.Corpus], options).Save(directory.Path);
        File.WriteAllText(
            directory.File("tokenizer_config.json"),
            """{ "bos_token": "<start>", "eos_token": { "content": "<stop>", "lstrip": false }, "pad_token": "<fill>", "unk_token": null, "other": [1, {}] }""");

        TextTokenizer loaded = TextTokenizer.Load(directory.Path);
        TextTokenizer copy = TextTokenizer.Read(new MemoryStream(TokenizerTestData.Written(loaded)), "copy");

        foreach (TextTokenizer tokenizer in new[] { loaded, copy })
        {
            Assert.Equal(0, tokenizer.BeginningOfTextId);
            Assert.Equal(1, tokenizer.EndOfTextId);
            Assert.Equal(2, tokenizer.PaddingId);
        }
    }

    [Fact]
    public void Merges_written_as_pairs_read_like_merges_written_as_text()
    {
        JsonNode json = JsonNode.Parse(TokenizerTestData.Written(TokenizerTestData.Small))!;
        JsonArray pairs = [.. json["model"]!["merges"]!.AsArray().Select(merge => new JsonArray([.. ((string)merge!).Split(' ').Select(part => (JsonNode)part)]))];
        json["model"]!["merges"] = pairs;

        AssertSame(TokenizerTestData.Small, Read(json));
    }

    [Fact]
    public void A_type_after_the_vocabulary_or_none_at_all_reads_alike()
    {
        JsonNode json = JsonNode.Parse(TokenizerTestData.Written(TokenizerTestData.Small))!;
        JsonObject model = json["model"]!.AsObject();
        model.Remove("type");
        AssertSame(TokenizerTestData.Small, Read(json));

        model.Add("type", "BPE");
        AssertSame(TokenizerTestData.Small, Read(json));
    }

    [Fact]
    public void Pieces_that_are_tokens_stay_whole_where_the_file_says_that_merges_do_not_count_for_them()
    {
        JsonNode json = JsonNode.Parse(TokenizerTestData.Written(TokenizerTestData.Small))!;
        int id = TokenizerTestData.Small.VocabularySize;
        json["model"]!["vocab"]!["zebra"] = id;
        Assert.NotEqual([id], Read(json).Encode("zebra"));

        json["model"]!["ignore_merges"] = true;
        TextTokenizer tokenizer = Read(json);
        Assert.Equal([id], tokenizer.Encode("zebra"));
        Assert.Equal(TokenizerTestData.Small.Encode(TokenizerTestData.Corpus), tokenizer.Encode(TokenizerTestData.Corpus));
    }

    [Fact]
    public void An_expression_of_the_files_own_cuts_the_pieces_and_loses_no_character()
    {
        JsonNode json = JsonNode.Parse(TokenizerTestData.Written(TokenizerTestData.Small))!;
        json["pre_tokenizer"] = JsonNode.Parse(
            """
            { "type": "Sequence", "pretokenizers": [
              { "type": "Split", "pattern": { "Regex": "[a-z]*" }, "behavior": "Isolated", "invert": false },
              { "type": "Digits", "individual_digits": true },
              { "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": false } ] }
            """);
        TextTokenizer tokenizer = Read(json);

        Assert.Equal(TokenizerTestData.Corpus, tokenizer.Decode(tokenizer.Encode(TokenizerTestData.Corpus)));
        Assert.Equal(2, tokenizer.Count("42"));
        AssertSame(tokenizer, Read(JsonNode.Parse(TokenizerTestData.Written(tokenizer))!));
    }

    [Theory]
    [InlineData("model/type", "\"WordLevel\"", "model.type should be one of BPE, WordPiece, Unigram; found 'WordLevel'")]
    [InlineData("model/end_of_word_suffix", "\"</w>\"", "model.end_of_word_suffix should be null or empty for BPE; found '</w>'")]
    [InlineData("normalizer", """{ "type": "Shout" }""", "normalizer.type should be one of Sequence, BertNormalizer")]
    [InlineData("normalizer", """{ "type": "Sequence", "normalizers": [ { "type": "NFC" }, { "type": "Shout" } ] }""", "normalizer.normalizers[1].type")]
    [InlineData("pre_tokenizer", """{ "type": "UnicodeScripts" }""", "found \"UnicodeScripts\"")]
    [InlineData("pre_tokenizer", """{ "type": "Split", "pattern": { "Regex": "a" }, "behavior": "Sideways" }""", "pre_tokenizer.behavior should be one of Removed")]
    [InlineData("pre_tokenizer", """{ "type": "Sequence", "pretokenizers": [ { "type": "ByteLevel" }, { "type": "Digits" } ] }""", "nothing after ByteLevel")]
    [InlineData("post_processor", """{ "type": "Postage" }""", "post_processor.type")]
    [InlineData("decoder", """{ "type": "CTC" }""", "decoder.type")]
    public void What_is_not_supported_is_named(string place, string value, string named)
    {
        JsonNode json = With(place, value);
        NotSupportedException error = Assert.Throws<NotSupportedException>(() => Read(json));
        Assert.Contains("test.json", error.Message);
        Assert.Contains(named, error.Message);
    }

    [Theory]
    [InlineData("normalizer", """{ "type": "Replace", "pattern": { "Regex": "(" }, "content": "" }""", "normalizer.pattern.Regex should be a regular expression; found \"(\"")]
    [InlineData("normalizer", """{ "type": "Replace", "pattern": { "String": "" }, "content": "" }""", "normalizer.pattern.String")]
    [InlineData("normalizer", """{ "type": "Precompiled", "precompiled_charsmap": "%%" }""", "base64")]
    [InlineData("normalizer", """{ "type": "Precompiled", "precompiled_charsmap": "/////wAA" }""", "the length of its trie")]
    [InlineData("normalizer", """{ "lowercase": true }""", "'type'")]
    [InlineData("normalizer", """{ "type": "BertNormalizer", "lowercase": 1 }""", "normalizer.lowercase should be true or false; found 1")]
    [InlineData("pre_tokenizer", "[]", "'type'")]
    [InlineData("pre_tokenizer", """{ "type": "Metaspace", "prepend_scheme": "often" }""", "'always', 'first' or 'never'")]
    [InlineData("post_processor", """{ "type": "TemplateProcessing", "single": [ { "SpecialToken": { "id": "[X]", "type_id": 0 } } ], "special_tokens": {} }""", "[X]")]
    [InlineData("decoder", """{ "type": "Strip", "content": "ab", "start": 1, "stop": 0 }""", "decoder.content should be one character; found \"ab\"")]
    public void What_makes_no_sense_is_named(string place, string value, string named)
    {
        JsonNode json = With(place, value);
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => Read(json));
        Assert.Contains("test.json", error.Message);
        Assert.Contains(named, error.Message);
    }

    private static JsonNode With(string place, string value)
    {
        JsonNode json = JsonNode.Parse(TokenizerTestData.Written(TokenizerTestData.Small))!;
        string[] path = place.Split('/');
        JsonNode parent = path[..^1].Aggregate(json, (node, name) => node[name]!);
        parent[path[^1]] = JsonNode.Parse(value);
        return json;
    }

    private static TextTokenizer Read(JsonNode json) => TextTokenizer.Read(new MemoryStream(Encoding.UTF8.GetBytes(json.ToJsonString())), "test.json");

    private static void AssertSame(TextTokenizer expected, TextTokenizer actual)
    {
        Assert.Equal(expected.VocabularySize, actual.VocabularySize);
        Assert.Equal(expected.SpecialTokens, actual.SpecialTokens);
        Assert.Equal(expected.EndOfTextId, actual.EndOfTextId);
        Assert.Equal(expected.BeginningOfTextId, actual.BeginningOfTextId);
        Assert.Equal(expected.PaddingId, actual.PaddingId);
        string text = TokenizerTestData.Corpus + new string(' ', 31) + "<|endoftext|>" + new string('x', 1_200);
        Assert.Equal(expected.Encode(text), actual.Encode(text));
        Assert.Equal(expected.Encode(text, allowSpecialTokens: true), actual.Encode(text, allowSpecialTokens: true));
        Assert.Equal(text, actual.Decode(actual.Encode(text)));
    }
}
