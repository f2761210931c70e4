using System.Buffers;

namespace Packages.Tokenizers.Tests;

public sealed class SentencePieceTokenizerSpecifications
{
    // T5's file has no beginning-of-sentence id, and Unigram models are refused without one: a trainer field 41, appended.
    private static readonly byte[] BeginningOfSentenceIs31999 = [0x12, 5, 0xC8, 2, 0xFF, 0xF9, 1];

    [SkippableTheory]
    [InlineData("Hello, world!", new[] { 1, 15043, 29892, 3186, 29991 })]
    [InlineData("  two  spaces", new[] { 1, 259, 1023, 29871, 8162 })]
    [InlineData("你好 😀", new[] { 1, 29871, 30919, 31076, 29871, 243, 162, 155, 131 })]
    [InlineData("aaaaaaa", new[] { 1, 263, 7340, 27137 })]
    [InlineData("", new int[0])]
    public void Llamas_model_gives_its_published_ids_and_text_back(string text, int[] expected)
    {
        LlamaTokenizer tokenizer = Llama();

        Assert.Equal(expected, tokenizer.EncodeToIds(text));
        Assert.Equal(expected.Length, tokenizer.CountTokens(text));
        Assert.Equal(text, tokenizer.Decode(expected));
        char[] buffer = new char[64];
        Assert.Equal(OperationStatus.Done, tokenizer.Decode(expected, buffer, out int consumed, out int written));
        Assert.Equal((expected.Length, text), (consumed, new string(buffer, 0, written)));
    }

    [SkippableFact]
    public void Marks_of_beginning_and_end_are_added_as_asked()
    {
        LlamaTokenizer tokenizer = Llama();

        Assert.Equal([15043], tokenizer.EncodeToIds("Hello", addBeginningOfSentence: false, addEndOfSentence: false));
        Assert.Equal([1, 15043, 2], tokenizer.EncodeToIds("Hello", addBeginningOfSentence: true, addEndOfSentence: true));
        Assert.Equal("<s>Hello</s>", tokenizer.Decode([1, 15043, 2], considerSpecialTokens: true));
        Assert.Equal((1, 2, 0), (tokenizer.BeginningOfSentenceId, tokenizer.EndOfSentenceId, tokenizer.UnknownId));
        Assert.True(tokenizer.ByteFallback);
        Assert.Equal(32000, tokenizer.Vocabulary.Count);
    }

    [SkippableFact]
    public void Tokens_say_where_in_the_normalized_text_they_are()
    {
        IReadOnlyList<EncodedToken> tokens = Llama().EncodeToTokens("Hello, world", out string? normalized);

        Assert.Equal("▁Hello,▁world", normalized);
        Assert.Equal([0..0, 0..6, 6..7, 7..13], tokens.Select(token => token.Offset));
        Assert.Equal(["<s>", "▁Hello", ",", "▁world"], tokens.Select(token => token.Value));
    }

    [SkippableFact]
    public void Special_tokens_are_whole()
    {
        using FileStream model = File.OpenRead(SharedData.File("llama2_tokenizer.model"));
        LlamaTokenizer tokenizer = LlamaTokenizer.Create(model, addBeginOfSentence: false, specialTokens: new Dictionary<string, int> { ["<x>"] = 32000 });

        Assert.Equal([32000, 22172, 32000], tokenizer.EncodeToIds("<x>hello<x>"));
        Assert.Equal("<x>hello<x>", tokenizer.Decode([32000, 22172, 32000], considerSpecialTokens: true));
    }

    [SkippableTheory]
    [InlineData("Hello, world!", new[] { 8774, 6, 296, 55, 1 }, "Hello, world!")]
    [InlineData("ﬁ  Ⅷ ｆｕｌｌ", new[] { 361, 27936, 423, 1 }, "fi VIII full")]
    [InlineData("naïve", new[] { 3, 29, 9, 2, 162, 1 }, "nave")]
    public void Unigram_models_normalize_and_take_the_likeliest_pieces(string text, int[] expected, string decoded)
    {
        byte[] model = [.. File.ReadAllBytes(SharedData.File("t5_spiece.model")), .. BeginningOfSentenceIs31999];
        SentencePieceTokenizer tokenizer = SentencePieceTokenizer.Create(new MemoryStream(model), addBeginningOfSentence: false, addEndOfSentence: true);

        Assert.Equal(expected, tokenizer.EncodeToIds(text));
        Assert.Equal(decoded, tokenizer.Decode(expected));
        Assert.Throws<ArgumentException>(() => LlamaTokenizer.Create(new MemoryStream(model)));
    }

    private static LlamaTokenizer Llama()
    {
        using FileStream model = File.OpenRead(SharedData.File("llama2_tokenizer.model"));
        return LlamaTokenizer.Create(model);
    }
}
