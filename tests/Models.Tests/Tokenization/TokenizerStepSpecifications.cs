namespace MLNetLlm.Models.Tests.Tokenization;

/// <summary>Each step of a tokenizer.json on its own, seen through a vocabulary in which unknown characters stay apart.</summary>
public sealed class TokenizerStepSpecifications
{
    [Theory]
    [InlineData("""{ "type": "Lowercase" }""", "ABC Σ İ", "abc σ i\u0307")]
    [InlineData("""{ "type": "Strip", "strip_left": true, "strip_right": false }""", "  a ", "a ")]
    [InlineData("""{ "type": "StripAccents" }""", "e\u0301é", "eé")]
    [InlineData("""{ "type": "Prepend", "prepend": "x" }""", "a", "xa")]
    [InlineData("""{ "type": "Replace", "pattern": { "String": "." }, "content": "$0" }""", "a.b", "a$0b")]
    [InlineData("""{ "type": "Replace", "pattern": { "Regex": " {2,}" }, "content": " " }""", "a   b  c", "a b c")]
    [InlineData("""{ "type": "Nmt" }""", "a\u0007b\tc\u200Bd", "ab c d")]
    [InlineData("""{ "type": "BertNormalizer", "lowercase": true }""", "É\u0000\t世a\u00AD", "e  世 a")]
    [InlineData("""{ "type": "BertNormalizer", "lowercase": false, "handle_chinese_chars": false, "clean_text": false }""", "É\t世", "É\t世")]
    [InlineData("""{ "type": "BertNormalizer", "lowercase": false, "strip_accents": true }""", "É", "E")]
    [InlineData("""{ "type": "Sequence", "normalizers": [ { "type": "NFKC" }, { "type": "Lowercase" } ] }""", "Ⅷ", "viii")]
    [InlineData("""{ "type": "Sequence", "normalizers": [] }""", "a B", "a B")]
    [InlineData("null", "a B", "a B")]
    public void Normalizers_change_the_text(string normalizer, string text, string expected)
    {
        TextTokenizer tokenizer = TokenizerKinds.Read(
            $$"""{ "normalizer": {{normalizer}}, "decoder": { "type": "Sequence", "decoders": [ { "type": "ByteFallback" }, { "type": "Fuse" } ] }, "model": {{Bytes}} }""");
        Assert.Equal(expected, tokenizer.Decode(tokenizer.Encode(text)));
    }

    [Theory]
    [InlineData("""{ "type": "WhitespaceSplit" }""", " a-b  c\n", "a-b|c")]
    [InlineData("""{ "type": "Whitespace" }""", "a-b  c_1!?", "a|-|b|c_1|!?")]
    [InlineData("""{ "type": "BertPreTokenizer" }""", "don't $9", "don|'|t|$|9")]
    [InlineData("""{ "type": "Punctuation" }""", "a,b?!", "a|,|b|?|!")]
    [InlineData("""{ "type": "Punctuation", "behavior": "Contiguous" }""", "a?!b", "a|?!|b")]
    [InlineData("""{ "type": "Digits", "individual_digits": true }""", "a12b", "a|1|2|b")]
    [InlineData("""{ "type": "Digits" }""", "a12b", "a|12|b")]
    [InlineData("""{ "type": "CharDelimiterSplit", "delimiter": "-" }""", "a--b", "a|b")]
    [InlineData("""{ "type": "Split", "pattern": { "String": "-" }, "behavior": "Removed", "invert": false }""", "the-final--countdown", "the|final|countdown")]
    [InlineData("""{ "type": "Split", "pattern": { "String": "-" }, "behavior": "Isolated", "invert": false }""", "the-final--countdown", "the|-|final|-|-|countdown")]
    [InlineData("""{ "type": "Split", "pattern": { "String": "-" }, "behavior": "MergedWithPrevious", "invert": false }""", "the-final--countdown", "the-|final-|-|countdown")]
    [InlineData("""{ "type": "Split", "pattern": { "String": "-" }, "behavior": "MergedWithNext", "invert": false }""", "the-final--countdown", "the|-final|-|-countdown")]
    [InlineData("""{ "type": "Split", "pattern": { "String": "-" }, "behavior": "Contiguous", "invert": false }""", "the-final--countdown", "the|-|final|--|countdown")]
    [InlineData("""{ "type": "Split", "pattern": { "Regex": "[a-z]+" }, "behavior": "Removed", "invert": true }""", "ab, cd!", "ab|cd")]
    [InlineData("""{ "type": "Metaspace", "replacement": "▁", "prepend_scheme": "always" }""", "Hey my  friend", "▁Hey|▁my|▁|▁friend")]
    [InlineData("""{ "type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": false }""", "Hey my", "▁Hey▁my")]
    [InlineData("""{ "type": "Metaspace", "replacement": "▁", "prepend_scheme": "never" }""", "Hey my", "Hey|▁my")]
    [InlineData("""{ "type": "Metaspace", "replacement": "▁", "add_prefix_space": true }""", " Hey", "▁Hey")]
    [InlineData("""{ "type": "Sequence", "pretokenizers": [ { "type": "WhitespaceSplit" }, { "type": "Metaspace" } ] }""", "a  b", "▁a|▁b")]
    public void Pre_tokenizers_cut_the_text(string preTokenizer, string text, string expected)
    {
        // Every expected piece is a token, and nothing else is: a wrong cut gives an unknown token.
        string[] pieces = expected.Split('|');
        string vocabulary = string.Concat(pieces.Distinct().Select((piece, index) => $", {System.Text.Json.JsonSerializer.Serialize(piece)}: {index + 1}"));
        TextTokenizer tokenizer = TokenizerKinds.Read(
            $$"""{ "pre_tokenizer": {{preTokenizer}}, "model": { "type": "WordPiece", "unk_token": "<?>", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100, "vocab": { "<?>": 0{{vocabulary}} } } }""");
        Assert.Equal(pieces, tokenizer.Encode(text).Select(tokenizer.TokenOf));
    }

    [Theory]
    [InlineData("""{ "type": "Metaspace", "prepend_scheme": "first" }""", "a<x>b", "▁a|<x>|b")]
    [InlineData("""{ "type": "Metaspace", "prepend_scheme": "always" }""", "a<x>b", "▁a|<x>|▁b")]
    public void Only_the_first_piece_of_the_input_is_the_first(string preTokenizer, string text, string expected)
    {
        TextTokenizer tokenizer = TokenizerKinds.Read(
            $$"""
            { "added_tokens": [ { "id": 0, "content": "<x>", "special": false, "normalized": false } ], "pre_tokenizer": {{preTokenizer}},
              "model": { "type": "WordPiece", "unk_token": "<?>", "vocab": { "<x>": 0, "<?>": 1, "▁a": 2, "▁b": 3, "b": 4 } } }
            """);
        Assert.Equal(expected.Split('|'), tokenizer.Encode(text).Select(tokenizer.TokenOf));
    }

    [Theory]
    [InlineData("\"lstrip\": true", "a <x> b", "a|<x>|b", true)]
    [InlineData("\"single_word\": true", "a<x>b <x>", "?|<x>", true)]
    [InlineData("\"normalized\": true", "a <X> b", "a|<x>|b", true)]
    [InlineData("\"normalized\": false", "a <X> b", "a|?|b", true)]
    public void Added_tokens_keep_to_their_options(string option, string text, string expected, bool lowerCase)
    {
        TextTokenizer tokenizer = TokenizerKinds.Read(
            $$"""
            { "added_tokens": [ { "id": 0, "content": "<x>", "special": false, {{option}} } ], "normalizer": { "type": "{{(lowerCase ? "Lowercase" : "NFC")}}" },
              "pre_tokenizer": { "type": "WhitespaceSplit" }, "model": { "type": "WordPiece", "unk_token": "?", "vocab": { "?": 1, "a": 2, "b": 3 } } }
            """);
        Assert.Equal(expected.Split('|'), tokenizer.Encode(text).Select(tokenizer.TokenOf));
        TextTokenizer copy = TokenizerKinds.Copy(tokenizer);
        Assert.Equal(tokenizer.Encode(text), copy.Encode(text));
    }

    [Theory]
    [InlineData("""{ "type": "BertProcessing", "sep": ["S", 8], "cls": ["C", 9] }""", "9 1 8", "9 1 8 2 8", "0 0 0 1 1")]
    [InlineData("""{ "type": "RobertaProcessing", "sep": ["S", 8], "cls": ["C", 9] }""", "9 1 8", "9 1 8 8 2 8", "0 0 0 0 0 0")]
    [InlineData("null", "1", "1 2", "0 1")]
    public void Post_processors_put_tokens_around_texts(string postProcessor, string single, string pair, string types)
    {
        TextTokenizer tokenizer = TokenizerKinds.Read(
            $$"""{ "post_processor": {{postProcessor}}, "model": { "type": "WordPiece", "unk_token": "?", "vocab": { "?": 0, "a": 1, "b": 2, "S": 8, "C": 9 } } }""");
        Assert.Equal(single, string.Join(' ', tokenizer.EncodeFramed("a").Ids));
        Assert.Equal(pair, string.Join(' ', tokenizer.EncodeFramed("a", "b").Ids));
        Assert.Equal(types, string.Join(' ', tokenizer.EncodeFramed("a", "b").TokenTypeIds));
    }

    [Theory]
    [InlineData("null", "a ▁b ##c")]
    [InlineData("""{ "type": "WordPiece", "prefix": "##", "cleanup": true }""", "a ▁bc")]
    [InlineData("""{ "type": "Metaspace", "replacement": "▁" }""", "a b##c")]
    [InlineData("""{ "type": "Sequence", "decoders": [ { "type": "Fuse" }, { "type": "Strip", "content": "c", "start": 0, "stop": 1 } ] }""", "a▁b##")]
    [InlineData("""{ "type": "Sequence", "decoders": [ { "type": "Replace", "pattern": { "Regex": "#+" }, "content": "-" }, { "type": "Strip", "content": "▁", "start": 1, "stop": 0 } ] }""", "ab-c")]
    public void Decoders_join_tokens(string decoder, string expected)
    {
        TextTokenizer tokenizer = TokenizerKinds.Read(
            $$"""{ "decoder": {{decoder}}, "model": { "type": "WordPiece", "unk_token": "?", "vocab": { "?": 0, "a": 1, "▁b": 2, "##c": 3 } } }""");
        Assert.Equal(expected, tokenizer.Decode([1, 2, 3]));
    }

    [Fact]
    public void A_space_before_the_text_is_added_where_the_file_says_so()
    {
        var json = System.Text.Json.Nodes.JsonNode.Parse(TokenizerTestData.Written(TokenizerTestData.Small))!;
        json["pre_tokenizer"]!["add_prefix_space"] = true;
        TextTokenizer tokenizer = TokenizerKinds.Read(json.ToJsonString());
        Assert.Equal(TokenizerTestData.Small.Encode(" fox"), tokenizer.Encode("fox"));
        Assert.Equal(TokenizerTestData.Small.Encode(" fox"), tokenizer.Encode(" fox"));
    }

    private static string Bytes =>
        $$"""{ "type": "BPE", "byte_fallback": true, "merges": [], "vocab": { {{string.Join(", ", Enumerable.Range(0, 256).Select(value => $"\"<0x{value:X2}>\": {value}"))}} } }""";
}
